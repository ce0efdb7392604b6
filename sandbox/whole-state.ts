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
  /** How much of the log file belongs to this state; a file from before it has none. */
  readonly logBytes?: number;
  readonly clock: ClockSnapshot;
  readonly random: readonly number[];
  readonly iam: IamSnapshot;
  readonly faults: readonly StoredFault[];
  readonly parts: Readonly<Record<string, unknown>>;
}

/** JSON of a `StoredState`, put together from texts because parts may keep theirs ready. */
export function snapshotTextOf(whole: WholeState, logBytes: number): string {
  const head: Omit<StoredState, "parts"> = {
    version: 1,
    logBytes,
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

/** Lines of what the parts have added since the last call, or beyond what the log has already. */
export function growthOf({ parts }: WholeState, logLines: readonly string[]): () => string {
  const written = new Map<string, number>();
  for (const line of logLines) {
    const [name] = JSON.parse(line) as [string];
    written.set(name, (written.get(name) ?? 0) + 1);
  }
  return () => {
    let text = "";
    for (const { name, part } of parts) {
      const from = written.get(name) ?? 0;
      const added = part.log?.entriesFrom(from) ?? [];
      written.set(name, from + added.length);
      for (const entry of added) text += `${JSON.stringify([name, entry])}\n`;
    }
    return text;
  };
}

/** The log's lines go to their parts. */
function restoreLog({ parts }: WholeState, lines: readonly string[]): void {
  const entries = new Map<string, unknown[]>();
  for (const line of lines) {
    const [name, entry] = JSON.parse(line) as [string, unknown];
    const known = entries.get(name);
    if (known === undefined) entries.set(name, [entry]);
    else known.push(entry);
  }
  for (const { name, part } of parts) part.log?.restoreEntries(entries.get(name) ?? []);
}

export function restoreFrom(whole: WholeState, stored: unknown, logLines: readonly string[]): void {
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
  restoreLog(whole, logLines);
}
