import type { ClockSnapshot, MovableClock } from "./clock.ts";
import type { Faults, StoredFault } from "./faults.ts";
import type { IamSnapshot, IamStore } from "./iam/iam-store.ts";
import type { SeededRandom } from "./random.ts";
import type { SandboxPart } from "./sandbox.ts";

/** A part under the name by which its state is kept on disk. */
export interface NamedPart {
  readonly name: string;
  readonly part: SandboxPart;
}

export interface WholeState {
  readonly clock: MovableClock;
  readonly randomness: SeededRandom;
  readonly iam: IamStore;
  readonly faults: Faults;
  readonly parts: readonly NamedPart[];
}

interface StoredState {
  readonly version: 1;
  readonly clock: ClockSnapshot;
  readonly random: readonly number[];
  readonly iam: IamSnapshot;
  readonly faults: readonly StoredFault[];
  readonly parts: Readonly<Record<string, unknown>>;
}

/** JSON of a `StoredState`, put together from texts because parts may keep theirs ready. */
export function snapshotTextOf(whole: WholeState): string {
  const head: Omit<StoredState, "parts"> = {
    version: 1,
    clock: whole.clock.snapshot(),
    random: whole.randomness.snapshot(),
    iam: whole.iam.snapshot(),
    faults: whole.faults.snapshot(),
  };
  const parts = whole.parts.map(({ name, part }) => {
    const text = part.snapshotText?.() ?? JSON.stringify(part.snapshot());
    return `${JSON.stringify(name)}:${text}`;
  });
  return `${JSON.stringify(head).slice(0, -1)},"parts":{${parts.join(",")}}}`;
}

export function restoreFrom(whole: WholeState, stored: unknown): void {
  if (stored === undefined) return;
  const state = stored as StoredState;
  if (state.version !== 1) {
    throw new Error(
      "The sandbox's data folder was written by another version. Choose another folder, or delete it.",
    );
  }
  whole.clock.restore(state.clock);
  whole.randomness.restore(state.random);
  whole.iam.restore(state.iam);
  whole.faults.restore(state.faults);
  for (const { name, part } of whole.parts) {
    if (name in state.parts) part.restore(state.parts[name]);
  }
}
