import {
  type AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
} from "@aws-sdk/client-athena";
import { setTimeout as pause } from "node:timers/promises";
import { parseDecimal } from "../../domain/money.ts";
import { type Month, nextMonth } from "../../domain/calendar.ts";
import type { CostReading, CostRequest, CostSource } from "../../ports.ts";
import { type AthenaTable, costSql, newestDaySql } from "./athena-sql.ts";
import type { Category } from "./cost-row.ts";
import { type CostTotals, costTotals } from "./cost-totals.ts";
import { DATA_EXPORT_FACTS } from "./data-export-source.ts";
import { readTotals } from "./read-totals.ts";

export interface AthenaDeps {
  readonly client: AthenaClient;
  readonly table: AthenaTable & { readonly workGroup: string };
  readonly costTagKey: string;
  readonly stack: CostSource["stack"];
  /** Between two looks at a query; Athena needs a second or more. */
  readonly lookEveryMs?: number;
}

const LONGEST_MS = 5 * 60_000;

/** Cost from data exports that Athena adds up, one account at a time: for any amount of rows. */
export function athenaSource(deps: AthenaDeps): CostSource {
  return {
    // Athena charges by the data it scans, $5 a terabyte: partitions keep a reading far below a cent.
    describe: () => ({ kind: "athena", usdPerRequest: "0", ...DATA_EXPORT_FACTS }),
    async read(request) {
      const of = {
        ...request,
        accountId: request.deployment.accountId,
        costTagKey: deps.costTagKey,
      };
      try {
        const [totals, months] = await Promise.all([
          query(deps, costSql(deps.table, of), request).then((rows) =>
            totalsOf(rows, of.accountId),
          ),
          query(deps, newestDaySql(deps.table, request.from), request),
        ]);
        const newest = months
          .map((row) => row["newest"] ?? "")
          .reduce((a, b) => (a > b ? a : b), "");
        const missing = missingMonth(months, request, newest);
        const title = `${deps.table.database}.${deps.table.table}`;
        if (missing !== undefined) {
          return problem(
            "no-data",
            `The Athena table ${title} has no rows of ${missing}: check its partitions and the export behind it.`,
          );
        }
        // The getters of totals are read here, once and for all.
        const period = { ...totals, newestDay: newest, hasTag: totals.hasTag };
        return readTotals({
          periods: [period],
          request,
          files: title,
          costTagKey: deps.costTagKey,
        });
      } catch (error) {
        return toProblem(error, deps);
      }
    },
    stack: deps.stack,
  };
}

type Row = Readonly<Record<string, string>>;

async function query(
  { client, table, lookEveryMs = 1_000 }: AthenaDeps,
  sql: string,
  { timeoutMs = LONGEST_MS }: CostRequest,
): Promise<Row[]> {
  const abortSignal = AbortSignal.timeout(timeoutMs);
  const { QueryExecutionId } = await client.send(
    new StartQueryExecutionCommand({ QueryString: sql, WorkGroup: table.workGroup }),
    { abortSignal },
  );
  for (;;) {
    const { QueryExecution } = await client.send(
      new GetQueryExecutionCommand({ QueryExecutionId }),
      {
        abortSignal,
      },
    );
    const { State, StateChangeReason = "" } = QueryExecution?.Status ?? {};
    if (State === "SUCCEEDED") break;
    if (State === "FAILED" || State === "CANCELLED")
      throw new QueryFailed(StateChangeReason || State);
    await pause(lookEveryMs, undefined, { signal: abortSignal });
  }
  const rows: Row[] = [];
  let names: string[] | undefined;
  let NextToken: string | undefined;
  do {
    const page = await client.send(new GetQueryResultsCommand({ QueryExecutionId, NextToken }), {
      abortSignal,
    });
    for (const { Data = [] } of page.ResultSet?.Rows ?? []) {
      const values = Data.map(({ VarCharValue = "" }) => VarCharValue);
      // The first row of the first page is the header.
      if (names === undefined) names = values;
      else rows.push(Object.fromEntries(names.map((name, index) => [name, values[index] ?? ""])));
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return rows;
}

class QueryFailed extends Error {
  override readonly name = "QueryFailed";
}

function totalsOf(rows: readonly Row[], accountId: string): CostTotals {
  const totals = costTotals();
  for (const row of rows) {
    totals.add({
      accountId,
      tag: row["tag"] ?? "",
      day: row["day"] ?? "",
      category: row["category"] as Category,
      currency: row["currency"] ?? "",
      billed: parseDecimal(row["billed"] ?? ""),
      effective: parseDecimal(row["effective"] ?? ""),
      isFinal: row["is_final"] === "true",
    });
  }
  return totals;
}

function missingMonth(
  months: readonly Row[],
  { from }: CostRequest,
  newest: string,
): Month | undefined {
  const there = new Set(months.map((row) => row["billing_period"]));
  if (there.size === 0) return from.slice(0, 7);
  for (let month = from.slice(0, 7); month <= newest.slice(0, 7); month = nextMonth(month)) {
    if (!there.has(month)) return month;
  }
  return undefined;
}

type Problem = Extract<CostReading, { kind: "unreadable" }>;

function problem(reason: Problem["reason"], message: string): Problem {
  return { kind: "unreadable", reason, message, requests: 0 };
}

function toProblem(error: unknown, { table }: AthenaDeps): Problem {
  const { name, message } = error as Error;
  if (/^AccessDenied/.test(name)) {
    return problem(
      "access-denied",
      `The seller's role may not query ${table.database}.${table.table} in the work group ${table.workGroup}. Allow it athena:StartQueryExecution, GetQueryExecution and GetQueryResults, glue:GetTable and GetPartitions, and the buckets of the export and the results.`,
    );
  }
  if (error instanceof QueryFailed) {
    return problem(
      "bad-data",
      `Athena could not add up ${table.database}.${table.table}: ${message}`,
    );
  }
  return problem("unavailable", `Athena did not answer (${name}). It is asked again soon.`);
}
