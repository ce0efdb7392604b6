import type { AwsService, Caller, Iam } from "./aws-service.ts";
import type { SignedRequest } from "./wire/signature-v4.ts";

/**
 * The interface between the sandbox's parts, and what the command line starts.
 *
 * One HTTP server on 127.0.0.1 serves every service at `POST /` (told apart as in
 * feasibility §7), S3 at `/<bucket>/<key>`, the console pages and the control API under `/_sandbox/`.
 */
export interface SandboxClock {
  /** Epoch ms; ticks with real time from where it was last set. */
  now(): number;
  /** Forward only: throws a RangeError for the past. */
  advanceTo(instant: number): void;
}

/** What a part of the sandbox (metering, CloudFormation, …) gets to work with. */
export interface SandboxContext {
  readonly clock: SandboxClock;
  readonly iam: Iam;
  /** `http://127.0.0.1:<port>`, known once listening. */
  origin(): string;
  /** Seeded, so that a run can be repeated; ids and faults come from it. */
  random(): number;
  /** Call after every change of state; writes it to disk when the sandbox has a data folder. */
  changed(): void;
  /**
   * For routes that check Signature Version 4 themselves (S3): who signed this, for this signing
   * name. Throws the `AwsError` that S3 answers; requests to an `AwsService` were checked before.
   */
  authenticate(request: SignedRequest, signingName: string): Caller;
}

/** A part with HTTP routes of its own (pages, control) beside its AWS service. */
export interface SandboxPart {
  readonly services: readonly AwsService[];
  /** Answers undefined when the path is not its own. */
  readonly fetch?: (request: Request) => Promise<Response | undefined>;
  /** Plain JSON, for the data folder; `restore` gets exactly what `snapshot` gave. */
  snapshot(): unknown;
  /** The snapshot's JSON, for a part that can tell it faster than `JSON.stringify` would. */
  readonly snapshotText?: () => string;
  restore(snapshot: unknown): void;
  /**
   * What a part only ever adds to: written once, at the end of a file, and left out of the
   * snapshot. An entry never changes; `restore` is called first, then `restoreEntries` with all.
   */
  readonly log?: {
    entriesFrom(index: number): readonly unknown[];
    restoreEntries(entries: readonly unknown[]): void;
  };
  close?(): Promise<void>;
}
