import { licenseIdOf } from "../../metering/domain/license.ts";
import type { UsageResult } from "../../metering/domain/usage-admission.ts";
import type { Licenses, UsageStore } from "../../metering/ports.ts";
import { recordUsage, type RecordUsageDeps } from "../../metering/record-usage.ts";
import type { ImportLine } from "./read-lines.ts";

export interface ImportDeps extends RecordUsageDeps {
  readonly licenses: Pick<Licenses, "get">;
  /** For a line that was not recorded. */
  readonly problem: (line: number, kind: string, message: string) => void;
  /** After each batch. */
  readonly progress: (summary: ImportSummary) => void;
}

export interface ImportSummary {
  readonly lines: number;
  readonly accepted: number;
  readonly duplicate: number;
  /** Everything else, by what it was. */
  readonly refused: Readonly<Record<string, number>>;
}

/** Large enough that the store is always busy, small enough for a flat memory. */
const BATCH = 500;

type EventLine = Extract<ImportLine, { kind: "event" }>;

/**
 * Records a file's events as if deployments had sent them: same rules, same verdicts, and the same
 * file again is nothing but duplicates. Holds one batch in memory, however long the file.
 */
export async function importUsage(
  deps: ImportDeps,
  lines: AsyncIterable<ImportLine>,
  { licenseId }: { readonly licenseId: string | undefined },
): Promise<ImportSummary> {
  const counts = new Map<string, number>();
  let read = 0;
  const count = (kind: string) => counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const refuse = (line: number, kind: string, message: string) => {
    count(kind);
    deps.problem(line, kind, message);
  };
  let batch: EventLine[] = [];
  let batchLicense: string | undefined;
  const flush = async () => {
    const full = batch;
    batch = [];
    if (full.length > 0 && batchLicense !== undefined) {
      const results = await recordBatch(deps, batchLicense, full);
      for (const [index, result] of results.entries()) {
        if (result.kind === "accepted" || result.kind === "duplicate") count(result.kind);
        else refuse(full[index]?.line ?? 0, result.kind, result.message);
      }
    }
    deps.progress(summaryOf(read, counts));
  };

  for await (const line of lines) {
    read += 1;
    if (line.kind === "unreadable") {
      refuse(line.line, "invalid", line.message);
      continue;
    }
    const license = licenseOf(line.license) ?? (line.license === undefined ? licenseId : undefined);
    if (license === undefined) {
      refuse(line.line, "unknown-license", licenseProblem(line.license));
      continue;
    }
    if (license !== batchLicense) await flush();
    batchLicense = license;
    batch.push(line);
    if (batch.length >= BATCH) await flush();
  }
  await flush();
  return summaryOf(read, counts);
}

/** The license as it is now: it may end while a long file is read. */
async function recordBatch(
  deps: ImportDeps,
  licenseId: string,
  batch: readonly EventLine[],
): Promise<readonly (UsageResult | { kind: "unknown-license"; message: string })[]> {
  const license = await deps.licenses.get(licenseId);
  if (license === undefined) {
    return batch.map(() => ({ kind: "unknown-license", message: licenseProblem(licenseId) }));
  }
  return recordUsage(deps, { license, events: batch.map(({ event }) => event) });
}

/** The `l-…` id of an id or an ARN. */
export function licenseOf(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : licenseIdOf(text);
  } catch {
    return undefined;
  }
}

function licenseProblem(license: string | undefined): string {
  return license === undefined
    ? "no license is named: say --license, or add a license to each line."
    : `the license ${JSON.stringify(license.slice(0, 60))} is not known here.`;
}

function summaryOf(lines: number, counts: ReadonlyMap<string, number>): ImportSummary {
  const { accepted = 0, duplicate = 0, ...refused } = Object.fromEntries(counts);
  return { lines, accepted, duplicate, refused };
}

/**
 * The same store, but nothing is written. What stands twice in one file is not seen as such: that
 * would take a memory of the whole file.
 */
export function readOnly(store: UsageStore): UsageStore {
  return {
    ...store,
    claim: async (event) => (await store.holder(event)) ?? event,
    put: async () => undefined,
    mark: async () => undefined,
  };
}
