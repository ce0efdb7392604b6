import { createHash } from "node:crypto";
import { AwsError } from "../aws-service.ts";
import { isEstimated } from "./cost-ledger.ts";
import type { VisibleCost } from "./cost-ledger.ts";
import { formatDecimal } from "./decimal.ts";
import type { Decimal } from "./decimal.ts";
import { compileFilter, dimension, invalid } from "./expression.ts";

type Input = Readonly<Record<string, unknown>>;
type AmountOf = (cost: VisibleCost) => Decimal;
type Amounts = Record<string, { Amount: string; Unit: string }>;

const DAY_MS = 86_400_000;
/** How far back Cost Explorer looks (protocol-facts E1). */
const HISTORY_MONTHS = 14;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** FOCUS's two views of cost under Cost Explorer's names. */
const METRICS: Readonly<Record<string, AmountOf>> = {
  UnblendedCost: ({ billed }) => billed,
  BlendedCost: ({ billed }) => billed,
  NetUnblendedCost: ({ billed }) => billed,
  AmortizedCost: ({ effective }) => effective,
  NetAmortizedCost: ({ effective }) => effective,
};

interface Period {
  readonly start: number;
  readonly end: number;
}

/** GetCostAndUsage over what is visible now; start inclusive, end exclusive (protocol-facts E1). */
export function getCostAndUsage(
  costs: readonly VisibleCost[],
  input: Input,
  now: number,
  pageSize: number,
): unknown {
  const range = parseRange(input["TimePeriod"], now);
  const granularity = input["Granularity"];
  const periods = periodsOf(range, granularity);
  const metrics = parseMetrics(input["Metrics"]);
  const groupBy = parseGroupBy(input["GroupBy"]);
  const filter = compileFilter(input["Filter"]);
  const counted = costs.filter(
    (cost) => cost.day >= range.start && cost.day < range.end && filter(cost),
  );
  const byDay = groupedByDay(counted);
  const page = pageOf(input, pageSize);
  const shown = periods.slice(page.from, page.from + pageSize);
  return {
    ...(groupBy.length > 0 ? { GroupDefinitions: input["GroupBy"] } : {}),
    ResultsByTime: shown.map((period) => result(period, byDay, metrics, groupBy, now)),
    DimensionValueAttributes: [],
    NextPageToken: page.next(periods.length),
  };
}

function result(
  period: Period,
  byDay: ReadonlyMap<number, readonly VisibleCost[]>,
  metrics: readonly (readonly [string, AmountOf])[],
  groupBy: readonly ((cost: VisibleCost) => string)[],
  now: number,
): unknown {
  const costs: VisibleCost[] = [];
  for (let day = period.start; day < period.end; day += DAY_MS)
    costs.push(...(byDay.get(day) ?? []));
  const groups = new Map<string, { keys: string[]; costs: VisibleCost[] }>();
  for (const cost of groupBy.length === 0 ? [] : costs) {
    const keys = groupBy.map((key) => key(cost));
    const known = groups.get(JSON.stringify(keys));
    if (known === undefined) groups.set(JSON.stringify(keys), { keys, costs: [cost] });
    else known.costs.push(cost);
  }
  return {
    TimePeriod: { Start: dateText(period.start), End: dateText(period.end) },
    // Total is empty when there are groups.
    Total: groupBy.length > 0 ? {} : sums(costs, metrics),
    Groups: [...groups.values()].map((group) => ({
      Keys: group.keys,
      Metrics: sums(group.costs, metrics),
    })),
    Estimated: isEstimated(period.end - DAY_MS, now),
  };
}

function sums(
  costs: readonly VisibleCost[],
  metrics: readonly (readonly [string, AmountOf])[],
): Amounts {
  return Object.fromEntries(
    metrics.map(([name, amountOf]) => {
      const sum = costs.reduce((total, cost) => total + amountOf(cost), 0n);
      return [name, { Amount: formatDecimal(sum), Unit: "USD" }];
    }),
  );
}

function groupedByDay(costs: readonly VisibleCost[]): Map<number, VisibleCost[]> {
  const days = new Map<number, VisibleCost[]>();
  for (const cost of costs) {
    const known = days.get(cost.day);
    if (known === undefined) days.set(cost.day, [cost]);
    else known.push(cost);
  }
  return days;
}

function parseRange(raw: unknown, now: number): Period {
  const { Start, End } = (raw ?? {}) as { Start?: unknown; End?: unknown };
  const start = parseDate(Start, "start");
  const end = parseDate(End, "end");
  if (end <= start) throw invalid("Start date (and hour) should be before end date (and hour)");
  const today = new Date(now);
  const oldest = Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - HISTORY_MONTHS, 1);
  if (start < oldest) {
    throw invalid(`You haven't enabled historical data beyond ${HISTORY_MONTHS} months`);
  }
  if (start > now) throw invalid("Start date can't be in the future.");
  const latest = Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + 1, 1);
  if (end > latest) throw invalid("end date past the beginning of next month");
  return { start, end };
}

function parseDate(value: unknown, name: string): number {
  const instant =
    typeof value === "string" && DATE.test(value) ? Date.parse(`${value}T00:00:00Z`) : NaN;
  if (Number.isNaN(instant) || dateText(instant) !== value) {
    throw invalid(`The ${name} of TimePeriod must be a date in the form yyyy-MM-dd.`);
  }
  return instant;
}

function periodsOf({ start, end }: Period, granularity: unknown): Period[] {
  if (granularity !== "DAILY" && granularity !== "MONTHLY") {
    throw invalid("Granularity must be DAILY or MONTHLY; the sandbox has no hourly costs.");
  }
  const periods: Period[] = [];
  for (let from = start; from < end;) {
    const date = new Date(from);
    const next =
      granularity === "DAILY"
        ? from + DAY_MS
        : Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
    periods.push({ start: from, end: Math.min(next, end) });
    from = next;
  }
  return periods;
}

function parseMetrics(raw: unknown): (readonly [string, AmountOf])[] {
  if (!Array.isArray(raw) || raw.length === 0) throw invalid("Metrics must not be empty.");
  return raw.map((name: unknown) => {
    const amountOf = typeof name === "string" && Object.hasOwn(METRICS, name) && METRICS[name];
    if (typeof name !== "string" || !amountOf) {
      throw invalid(
        `The sandbox's Cost Explorer does not know the metric ${String(name)}; it knows ${Object.keys(METRICS).join(", ")}.`,
      );
    }
    return [name, amountOf] as const;
  });
}

function parseGroupBy(raw: unknown): ((cost: VisibleCost) => string)[] {
  if (raw === undefined || raw === null) return [];
  if (!Array.isArray(raw) || raw.length > 2) throw invalid("GroupBy takes at most two groups.");
  return raw.map((group: unknown) => {
    const { Type, Key } = (group ?? {}) as { Type?: unknown; Key?: unknown };
    if (Type === "DIMENSION") return dimension(Key);
    if (Type !== "TAG" || typeof Key !== "string") {
      throw invalid("A group must be of Type DIMENSION or TAG and have a Key.");
    }
    return ({ tags }) => `${Key}$${Object.hasOwn(tags, Key) ? (tags[Key] ?? "") : ""}`;
  });
}

/** A token is bound to its request: with another one, AWS answers RequestChangedException. */
function pageOf(input: Input, pageSize: number) {
  const { NextPageToken: token, ...question } = input;
  const hash = createHash("sha256").update(JSON.stringify(question)).digest("base64url");
  let from = 0;
  if (token !== undefined && token !== null) {
    const [start = "", boundTo] = Buffer.from(String(token as string), "base64url")
      .toString()
      .split(" ");
    from = Number(start);
    if (boundTo === undefined || !Number.isInteger(from) || from <= 0) {
      throw new AwsError("InvalidNextTokenException", "The pagination token is invalid.");
    }
    if (boundTo !== hash) {
      throw new AwsError(
        "RequestChangedException",
        "Your request parameters changed between pages. Try again with the old parameters or without a pagination token.",
      );
    }
  }
  return {
    from,
    next: (total: number): string | undefined =>
      from + pageSize < total
        ? Buffer.from(`${from + pageSize} ${hash}`).toString("base64url")
        : undefined,
  };
}

const dateText = (instant: number): string => new Date(instant).toISOString().slice(0, 10);
