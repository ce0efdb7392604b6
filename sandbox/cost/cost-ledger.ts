import type { Decimal } from "./decimal.ts";
import type { CostRow } from "./focus-file.ts";

/** What AWS says an account cost, as far as it says so already. */
export interface VisibleCost extends CostRow {
  readonly accountId: string;
}

/** A correction by hand: what the day's cost changes by, at once. */
export interface Restatement {
  readonly accountId: string;
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly amountUsd: string;
  readonly recordType: string;
  readonly service: string;
  readonly madeAt: number;
}

const DAY_MS = 86_400_000;
/** Costs of a day appear about a day after it ended; some of the usage a day later still. */
const LAG_MS = DAY_MS;
const LATE_LAG_MS = 2 * DAY_MS;
/** Until then the month's figures may change. */
const FINAL_ON_DAY = 3;

export function isVisible(row: Pick<CostRow, "day" | "late">, now: number): boolean {
  return now >= row.day + DAY_MS + (row.late ? LATE_LAG_MS : LAG_MS);
}

/** Whether figures of a period that began at `start` may still change. */
export function isEstimated(start: number, now: number): boolean {
  const date = new Date(start);
  return now < Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, FINAL_ON_DAY);
}

export function restatementRow(restatement: Restatement, amount: Decimal): VisibleCost {
  return {
    accountId: restatement.accountId,
    day: Date.parse(`${restatement.day}T00:00:00Z`),
    billed: amount,
    effective: amount,
    recordType: restatement.recordType,
    billingEntity: "AWS",
    service: restatement.service,
    region: "NoRegion",
    tags: {},
    late: false,
  };
}
