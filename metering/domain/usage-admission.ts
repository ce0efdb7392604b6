import { DAY, MINUTE, type Month, monthOf, monthPeriod, nextMonth } from "./calendar.ts";
import type { Plan } from "./charges.ts";
import type { Instant, License } from "./license.ts";
import { LAST_READING_MS } from "./limits.ts";
import type { UsageEvent } from "./usage-event.ts";

/** What became of one event. Each but the first two says why, in words for whoever sent it. */
export type UsageVerdict =
  | { readonly kind: "accepted" }
  /** Recorded before, with the same content: counted once. */
  | { readonly kind: "duplicate" }
  | {
      readonly kind:
        "conflict" | "too-late" | "too-early" | "outside-license" | "unknown-meter" | "invalid";
      readonly message: string;
    };

/** What became of one event of a batch, with its identity as far as it could be read. */
export type UsageResult = UsageVerdict & {
  readonly source?: string | undefined;
  readonly id?: string | undefined;
};

/** The meters that plans count; an event of any other is refused, because nobody would bill it. */
export function metersOf(plans: readonly Plan[]): ReadonlySet<string> {
  const charges = plans.flatMap((plan) => plan.charges);
  return new Set(charges.flatMap((each) => (each.kind === "perUnit" ? [each.meter] : [])));
}

/** Clocks differ; a month that has not begun can't be billed. */
export const FUTURE_TOLERANCE_MS = 5 * MINUTE;

/**
 * Last month's usage is taken until this day begins. Metering computes last month through this day
 * (protocol-facts E4), so whatever was taken has a whole day of passes left to be seen by.
 */
const LAST_MONTH_CLOSES_ON = 15;

export interface Admission {
  readonly now: Instant;
  readonly license: Pick<License, "activatedAt" | "endedAt">;
  /** All meters that some plan of the product counts. */
  readonly meters: ReadonlySet<string>;
}

/** Why an event that was not recorded before can't be recorded now; undefined: it can. */
export function refusalOf(
  event: Pick<UsageEvent, "meter" | "time">,
  { now, license, meters }: Admission,
): Extract<UsageVerdict, { message: string }> | undefined {
  const { activatedAt, endedAt } = license;
  if (!meters.has(event.meter)) {
    const known =
      meters.size === 0 ? "no plan counts usage" : `there are ${[...meters].join(", ")}`;
    return {
      kind: "unknown-meter",
      message: `No plan of this product counts a meter named ${JSON.stringify(event.meter)}; ${known}.`,
    };
  }
  if (activatedAt === undefined || event.time < activatedAt) {
    return {
      kind: "outside-license",
      message: `This was used at ${text(event.time)}, before the license began${activatedAt === undefined ? "" : ` at ${text(activatedAt)}`}: it is not billed.`,
    };
  }
  if (endedAt !== undefined && event.time >= endedAt) {
    return {
      kind: "outside-license",
      message: `This was used at ${text(event.time)}, but the license ended at ${text(endedAt)}: it is not billed.`,
    };
  }
  if (event.time > now + FUTURE_TOLERANCE_MS) {
    return {
      kind: "too-early",
      message: `This was used at ${text(event.time)}, and it is ${text(now)}: check the sender's clock, and send it again when its time has come.`,
    };
  }
  const closed = closedAt(monthOf(event.time), endedAt);
  if (now < closed) return undefined;
  return {
    kind: "too-late",
    message: `This was used at ${text(event.time)}, and usage of then was taken until ${text(closed)}: it can't be metered any more. Tell the seller, who may settle it with the buyer otherwise.`,
  };
}

/** From when on usage of a month is refused, of a license that may have ended. */
export function closedAt(month: Month, endedAt: Instant | undefined): Instant {
  const monthCloses = monthPeriod(nextMonth(month)).start + (LAST_MONTH_CLOSES_ON - 1) * DAY;
  // The end hour's last record is sealed from then on (design §4.10).
  const lifeCloses = endedAt === undefined ? Infinity : endedAt + LAST_READING_MS;
  return Math.min(monthCloses, lifeCloses);
}

function text(instant: Instant): string {
  return new Date(instant).toISOString();
}
