import type {
  Charge,
  CostCategory,
  Dimension,
  PercentageOfCost,
  PerUnit,
  Plan,
} from "../../metering/domain/charges.ts";
import { percentageOf } from "../../metering/domain/charges/percentage-of-cost.ts";
import { priceOf } from "../../metering/domain/charges/per-unit.ts";
import {
  decimalText,
  exactUsd,
  maxUsd,
  minUsd,
  multiplyDecimal,
  parseDecimal,
  type Usd,
  usdText,
} from "../../metering/domain/money.ts";
import * as format from "./format.tsx";

/** Round enough to check in one's head; where a charge has steps, twice the last of them. */
const EXAMPLE_COST_USD = "1000";
const EXAMPLE_UNITS = "100";

/** What a charge is, what it counts, and one month worked out. */
export interface ChargeWords {
  readonly price: string;
  readonly rule: string;
  readonly example: string;
}

export function chargeWords(charge: Charge, dimensions: readonly Dimension[]): ChargeWords {
  const unitPrice = dimensions.find(({ name }) => name === charge.dimension)?.unitPrice;
  if (unitPrice === undefined) throw new Error(`charge ${charge.id} names no listed dimension`);
  switch (charge.kind) {
    case "percentageOfCost":
      return percentageWords(charge, unitPrice);
    case "license": {
      const fee = format.exactUsd(charge.perMonth);
      return {
        price: `${fee} a month`,
        rule: `${fee} for each calendar month (UTC), ${prorationWords[charge.proration]}. Independent of what AWS charges you.`,
        example: `A full month: ${fee}, reported as ${unitsWords(exactUsd(charge.perMonth), unitPrice)}.`,
      };
    }
    case "perUnit":
      return perUnitWords(charge, unitPrice);
    case "oneTime": {
      const fee = format.exactUsd(charge.amount);
      return {
        price: `${fee} once`,
        rule: `${fee}, once in the life of your subscription: when the plan is first charged, and not again if you leave the plan and come back.`,
        example: `Reported as ${unitsWords(exactUsd(charge.amount), unitPrice)}.`,
      };
    }
    case "minimumSpend": {
      const least = format.exactUsd(charge.perMonth);
      return {
        price: `at least ${least} a month`,
        rule: `If the plan's other charges come to less than ${least} in a calendar month (UTC), the difference is charged when the month is over. ${BY_THE_DAY}`,
        example: `A full month without other charges: ${least}, reported as ${unitsWords(exactUsd(charge.perMonth), unitPrice)}.`,
      };
    }
  }
}

/** What holds for the whole plan: its trial, and where it runs if not in the buyer's account. */
export function planNotes({ trial, hosting }: Plan): readonly string[] {
  const grace = trial?.graceDays ?? 0;
  const decide = grace === 0 ? "" : `, and ${format.countOf(grace, "day")} more to decide`;
  return [
    ...(trial === undefined
      ? []
      : [
          `The first ${format.countOf(trial.days, "day")} are free${decide}, once for each subscription: nothing of that time is charged, also not later.`,
        ]),
    ...(hosting === "seller" ? ["Runs in our AWS account: there is no stack to launch."] : []),
  ];
}

function percentageWords(charge: PercentageOfCost, unitPrice: string): ChargeWords {
  const last = charge.tiers?.at(-1)?.above;
  const cost = last === undefined ? EXAMPLE_COST_USD : twice(last);
  const share = withinBounds(percentageOf(charge, parseDecimal(cost)), charge);
  const isPlain = [last, charge.minimum, charge.cap].every((each) => each === undefined);
  const what = isPlain ? `${charge.percent} % is ` : "";
  const steps = (charge.tiers ?? []).map(
    ({ above, percent }) =>
      ` Above ${format.exactUsd(above)} in a calendar month (UTC): ${percent} %.`,
  );
  return {
    price: `${charge.percent} % of AWS cost`,
    rule: `${charge.percent} % of what AWS charges for ${scopeWords[charge.costScope]} (${costWords[charge.costMetric]})${exclusionWords(charge.exclude)}.${steps.join("")}${boundWords(charge)} Measured daily, reported to AWS Marketplace hourly.`,
    example: `If AWS charges ${format.exactUsd(cost)} in a month: ${what}${format.exactUsd(usdText(share))}, reported as ${unitsWords(share, unitPrice)}.`,
  };
}

function perUnitWords(charge: PerUnit, unitPrice: string): ChargeWords {
  const price = format.exactUsd(charge.unitPrice);
  const meter = charge.meter.replaceAll(/[_-]/g, " ");
  const last = charge.tiers?.at(-1)?.above ?? charge.included;
  const used = last === undefined ? EXAMPLE_UNITS : twice(last);
  const amount = withinBounds(
    priceOf(charge, parseDecimal(used), parseDecimal(charge.included ?? "0")),
    charge,
  );
  const steps = (charge.tiers ?? []).map(
    (step) => ` Above ${format.grouped(step.above)}: ${format.exactUsd(step.unitPrice)}.`,
  );
  const included =
    charge.entitled === true
      ? " What your contract includes is not charged again: only what goes beyond it is."
      : charge.included === undefined
        ? ""
        : ` ${format.grouped(charge.included)} in each month are included.`;
  return {
    price: `${price} for each unit of ${meter}`,
    rule: `${price} for each unit of ${meter} that you use in a calendar month (UTC).${included}${steps.join("")}${boundWords(charge)}`,
    example: `${format.grouped(used)} ${charge.entitled === true ? "beyond your contract" : "used"} in a month: ${format.exactUsd(usdText(amount))}, reported as ${unitsWords(amount, unitPrice)}.`,
  };
}

interface Bounds {
  readonly minimum?: string | undefined;
  readonly cap?: string | undefined;
}

/** Of a full month that is over. */
function withinBounds(usd: Usd, { minimum, cap }: Bounds): Usd {
  const capped = cap === undefined ? usd : minUsd(usd, exactUsd(cap));
  return minimum === undefined ? capped : maxUsd(capped, exactUsd(minimum));
}

const BY_THE_DAY = "In a month that you don't hold the plan for whole, by the whole day.";

function boundWords({ minimum, cap }: Bounds): string {
  const least =
    minimum === undefined ? "" : ` At least ${format.exactUsd(minimum)} a month. ${BY_THE_DAY}`;
  return least + (cap === undefined ? "" : ` At most ${format.exactUsd(cap)} in any month.`);
}

const twice = (text: string) => decimalText(multiplyDecimal(parseDecimal(text), 2n));

/** The rest below one unit is kept for the next month, so whole units are what counts. */
function unitsWords(amount: bigint, unitPrice: string): string {
  const price = exactUsd(unitPrice);
  const units = price === 0n ? 0n : amount / price;
  return `${format.groupedCount(Number(units))} ${units === 1n ? "unit" : "units"} of ${format.exactUsd(unitPrice)}`;
}

/** `20 % of AWS cost`, or `$19.00 a month`, joined when a plan has several charges. */
export const planPrice = (plan: Plan, dimensions: readonly Dimension[]): string =>
  plan.charges.length === 0
    ? "Free"
    : plan.charges.map((charge) => chargeWords(charge, dimensions).price).join(" + ");

const scopeWords = {
  account: "the AWS account that the stack runs in",
  tag: "the resources that carry the deployment's cost-allocation tag",
} as const;

const costWords = {
  BilledCost: "the billed cost, as on your AWS invoice",
  EffectiveCost: "the effective cost: discounts applied, upfront fees spread over their term",
} as const;

const categoryWords: Record<CostCategory, string> = {
  Tax: "tax",
  Credit: "credits",
  Refund: "refunds",
  Marketplace: "AWS Marketplace charges",
};

function exclusionWords(excluded: readonly CostCategory[]): string {
  if (excluded.length === 0) return ", nothing left out";
  return `, not counting ${excluded.map((category) => categoryWords[category]).join(", ")}`;
}

const prorationWords = {
  none: "in full for every month in which you hold the plan",
  daily: "pro rata for each whole day in which you hold the plan",
  hourly: "pro rata for each hour in which you hold the plan",
} as const;
