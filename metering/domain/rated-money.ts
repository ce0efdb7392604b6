import { type Month, nextMonth, previousMonth } from "./calendar.ts";
import type { ClosedMonths, RatedMoney } from "./chain.ts";
import type { Instant } from "./license.ts";
import { oldestOpenMonth } from "./open-months.ts";
import type { RatedAmount } from "./rating.ts";

/** The first month that a chain's newest item doesn't hold yet; undefined: all are needed. */
export function firstNeededMonth(closed: ClosedMonths | undefined): Month | undefined {
  return closed === undefined ? undefined : nextMonth(closed.through);
}

/**
 * A dimension's rated money: what is closed, and the amounts of the months behind it. Months that
 * can't change any more are added to the closed ones, so that no chain ever needs them again.
 */
export function ratedMoney(
  closed: ClosedMonths | undefined,
  /** Of one dimension; months that are closed already are not looked at. */
  amounts: readonly RatedAmount[],
  observedAt: Instant,
  /** The first month whose inputs are not all there: it stays open, however old it is. */
  unread?: Month,
): RatedMoney {
  const oldestOpen = oldestOpenMonth(observedAt);
  const last = previousMonth(unread !== undefined && unread < oldestOpen ? unread : oldestOpen);
  const open = amounts.filter(({ month }) => month > (closed?.through ?? ""));
  const closing = open.filter(({ month }) => month <= last);
  const still = open.filter(({ month }) => month > last);
  const before = closed ?? { through: "", usd: 0n, trialUsd: 0n };
  const nowClosed: ClosedMonths | undefined =
    closing.length === 0
      ? closed
      : {
          through: last,
          usd: before.usd + sum(closing, undefined),
          trialUsd: before.trialUsd + sum(closing, "trial"),
        };
  return {
    usd: (nowClosed?.usd ?? 0n) + sum(still, undefined),
    trialUsd: (nowClosed?.trialUsd ?? 0n) + sum(still, "trial"),
    closed: nowClosed,
    observedAt,
  };
}

function sum(amounts: readonly RatedAmount[], phase: RatedAmount["phase"]): bigint {
  return amounts.filter((amount) => amount.phase === phase).reduce((all, { usd }) => all + usd, 0n);
}
