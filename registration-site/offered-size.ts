import type { Product } from "../product/definition.ts";

/** The size that the buyer chose, for showing it; nothing is priced by it. */
export function offeredSize(
  { launchStack }: Product,
  resources: Readonly<Record<string, string>>,
): string | undefined {
  return launchStack.sizes.find((size) => size === resources.size);
}
