import { type Day, type Month, nextMonth } from "../../domain/calendar.ts";
import type { Deployment } from "../../domain/license.ts";
import type { CostReading, CostRequest, CostSource, CostSourceFacts } from "../../ports.ts";
import { type CostTotals, costTotals } from "./cost-totals.ts";
import { type Execution, newestExecutions } from "./executions.ts";
import { type ExportFiles, Moved } from "./export-files.ts";
import { ExportRefused } from "./export-refused.ts";
import { readTotals } from "./read-totals.ts";
import { scanFile } from "./scan-file.ts";

export interface DataExportDeps {
  /** Where the deployment's cost lies: one place for all, or one for each account. */
  readonly filesFor: (deployment: Deployment) => ExportFiles;
  readonly costTagKey: string;
  readonly stack: CostSource["stack"];
}

export const DATA_EXPORT_FACTS: Pick<CostSourceFacts, "lagHours" | "finality" | "paidBy"> = {
  lagHours: 24,
  finality:
    "A row is final once it stands on an invoice (bill_invoice_id in CUR 2.0, InvoiceId in FOCUS 1.2); FOCUS 1.0 and 1.1 don't say, so their figures stay estimated. AWS rewrites a month for about two weeks after its end.",
  paidBy: "seller",
};

/** Billing periods kept in memory, each as totals: a year of one place, or a month of many. */
const MOST_PERIODS = 200;

/**
 * Cost from AWS's data exports: FOCUS 1.0 to 1.2 and CUR 2.0, CSV or Parquet.
 *
 * A billing period's files are read once for each delivery, for all deployments together; a
 * thousand deployments then ask the totals.
 */
export function dataExportSource(deps: DataExportDeps): CostSource {
  const known = new Map<string, { version: string; totals: Promise<CostTotals> }>();
  const totalsOf = (files: ExportFiles, execution: Execution): Promise<CostTotals> => {
    const key = JSON.stringify([files.title, execution.month]);
    const found = known.get(key);
    known.delete(key);
    const kept =
      found?.version === execution.version
        ? found
        : { version: execution.version, totals: scan(files, execution, deps.costTagKey) };
    // Read last, dropped last.
    known.set(key, kept);
    const [oldest] = known.keys();
    if (known.size > MOST_PERIODS && oldest !== undefined) known.delete(oldest);
    return kept.totals.catch((error: unknown) => {
      if (known.get(key) === kept) known.delete(key);
      throw error;
    });
  };
  return {
    describe: () => ({ kind: "data-export", usdPerRequest: "0", ...DATA_EXPORT_FACTS }),
    async read(request) {
      const files = deps.filesFor(request.deployment);
      try {
        const executions = await newestExecutions(files, request.from.slice(0, 7));
        const periods: CostTotals[] = [];
        for (const execution of executions) periods.push(await totalsOf(files, execution));
        const missing = missingMonth(executions, periods, request);
        if (missing !== undefined) {
          return problem("no-data", noDelivery(files, missing));
        }
        return readTotals({ periods, request, files: files.title, costTagKey: deps.costTagKey });
      } catch (error) {
        return toProblem(error, files);
      }
    },
    stack: deps.stack,
  };
}

async function scan(
  files: ExportFiles,
  execution: Execution,
  costTagKey: string,
): Promise<CostTotals> {
  const totals = costTotals();
  for (const file of execution.files) await scanFile(files.open(file), totals, costTagKey);
  return totals;
}

/**
 * A month between the first one asked for and the newest day reported that has no delivery: taken
 * for a month without cost, everything billed for it would become a credit.
 */
function missingMonth(
  executions: readonly Execution[],
  periods: readonly CostTotals[],
  { from }: CostRequest,
): Month | undefined {
  const first = from.slice(0, 7);
  if (executions.length === 0) return first;
  if (executions.some(({ month }) => month === undefined)) return undefined;
  const there = new Set(executions.map(({ month }) => month));
  const newest = periods.reduce<Day>(
    (day, each) => (each.newestDay > day ? each.newestDay : day),
    "",
  );
  for (let month = first; month <= newest.slice(0, 7); month = nextMonth(month)) {
    if (!there.has(month)) return month;
  }
  return undefined;
}

function noDelivery({ title }: ExportFiles, month: Month): string {
  return `${title} has no finished delivery of ${month} (a manifest below metadata/BILLING_PERIOD=${month}/). The first one comes up to 24 hours after the export was made.`;
}

type Problem = Extract<CostReading, { kind: "unreadable" }>;

function problem(reason: Problem["reason"], message: string): Problem {
  return { kind: "unreadable", reason, message, requests: 0 };
}

function toProblem(error: unknown, { title }: ExportFiles): Problem {
  const { name, code, message } = error as Error & { code?: string };
  if (error instanceof ExportRefused) {
    return problem("bad-data", `${upperFirst(message)}. Nothing is billed from it.`);
  }
  if (error instanceof Moved) {
    return problem(
      "unavailable",
      `A delivery to ${title} is under way; it is read when it is whole.`,
    );
  }
  if (/^AccessDenied|^Forbidden/.test(name) || code === "EACCES") {
    return problem(
      "access-denied",
      `${title} may not be read. Allow the seller's role s3:ListBucket and s3:GetObject there.`,
    );
  }
  if (name === "NoSuchBucket" || code === "ENOENT") {
    return problem("no-data", `${title} does not exist. Check the location in product.config.ts.`);
  }
  return problem("unavailable", `${title} can't be read now (${name}). It is tried again soon.`);
}

const upperFirst = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
