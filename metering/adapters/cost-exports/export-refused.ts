/**
 * A cost file that can't be billed from. The message completes "… can't be used: "; a file with a
 * hole is refused whole, because a bill with a hole is worse than none.
 */
export class ExportRefused extends Error {
  override readonly name = "ExportRefused";
}
