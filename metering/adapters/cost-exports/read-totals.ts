import { dayPeriod, daysOf } from "../../domain/calendar.ts";
import type { CostDay } from "../../domain/cost.ts";
import { costTagOf } from "../../domain/license.ts";
import { decimalText } from "../../domain/money.ts";
import type { CostReading, CostRequest } from "../../ports.ts";
import { tagInactive } from "../tag-inactive.ts";
import type { CostTotals } from "./cost-totals.ts";
import { addTotals, type DayTotals } from "./day-sums.ts";

/** What the totals of one or more billing periods say of one deployment. */
export function readTotals(of: {
  periods: readonly CostTotals[];
  request: CostRequest;
  files: string;
  costTagKey: string;
}): CostReading {
  const { periods, request, files, costTagKey } = of;
  const { deployment, scope, metric, from, to } = request;
  const { accountId } = deployment;
  const unreadable = (reason: "bad-data" | "no-data" | "not-usd", message: string) =>
    ({ kind: "unreadable", reason, message, requests: 0 }) as const;

  const accounts = periods.flatMap((period) => period.account(accountId) ?? []);
  const refusal = accounts.find((account) => account.refusal !== undefined)?.refusal;
  if (refusal !== undefined) return unreadable("bad-data", `${refusal} Nothing is billed from it.`);
  if (scope === "tag" && periods.some(({ lacksTags }) => lacksTags)) {
    const message = `The export in ${files} has no column of tags, so no deployment's cost can be found in it. Export Tags (FOCUS), or tags or resource_tags (CUR 2.0).`;
    return unreadable("bad-data", message);
  }
  if (accounts.length === 0 && request.costIsOverdue === true) {
    const message = `The export in ${files} has no row of account ${accountId}: it is another account's, or another organization's.`;
    return unreadable("no-data", message);
  }
  const inRange = (tag?: string) => {
    const days = new Map<string, DayTotals>();
    for (const totals of accounts.flatMap((account) => account.days(tag))) {
      for (const [day, more] of totals) {
        if (day >= from && day < to) days.set(day, addTotals(days.get(day), more));
      }
    }
    return days;
  };
  const counted = inRange(scope === "tag" ? costTagOf(deployment) : undefined);
  for (const [day, { foreignCurrency }] of counted) {
    if (foreignCurrency !== undefined) {
      const message = `The export in ${files} reports ${foreignCurrency || "no currency"} on ${day}, and only USD can be billed.`;
      return unreadable("not-usd", message);
    }
  }
  const hasCost = (days: ReadonlyMap<string, DayTotals>) =>
    [...days.values()].some(({ amounts }) =>
      [...amounts.values()].some((amount) => amount[metric].digits !== 0n),
    );
  let tagIsActive = false;
  if (scope === "tag" && request.costIsOverdue === true && !hasCost(counted)) {
    tagIsActive = periods.some(({ hasTag }) => hasTag);
    if (!tagIsActive && hasCost(inRange())) {
      return { ...tagInactive(request, costTagKey), requests: 0 };
    }
  }
  const days: Record<string, CostDay> = {};
  for (const date of reportedDays(periods, from, to)) {
    const day = counted.get(date);
    const amounts = [...(day?.amounts ?? [])].map(([category, amount]) => [
      category,
      decimalText(amount[metric]),
    ]);
    const usd = Object.fromEntries(amounts) as CostDay["usd"];
    days[date] = { estimated: day?.estimated ?? true, usd };
  }
  return { kind: "read", days, requests: 0, ...(tagIsActive ? { tagIsActive } : {}) };
}

/** Through the newest day of any account: what has no row by then costs nothing. */
function reportedDays(periods: readonly CostTotals[], from: string, to: string): string[] {
  const newest = periods.reduce((day, each) => (each.newestDay > day ? each.newestDay : day), "");
  if (newest < from) return [];
  const end = Math.min(dayPeriod(newest).end, dayPeriod(to).start);
  return daysOf({ start: dayPeriod(from).start, end });
}
