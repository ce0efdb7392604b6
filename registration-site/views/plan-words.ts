import type { Charge, CostCategory, Dimension, Plan } from "../../metering/domain/charges.ts";
import { exactUsd, floorShare, parseDecimal, usdText } from "../../metering/domain/money.ts";
import * as format from "./format.tsx";

/** A round month's cost: big enough for cents to show, small enough to check in one's head. */
const EXAMPLE_COST_USD = "1000";

const EXAMPLE_UNITS = 100n;

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
    case "percentageOfCost": {
      const share = floorShare(parseDecimal(EXAMPLE_COST_USD), parseDecimal(charge.percent), 100n);
      return {
        price: `${charge.percent} % of AWS cost`,
        rule: `${charge.percent} % of what AWS charges for ${scopeWords[charge.costScope]} (${costWords[charge.costMetric]})${exclusionWords(charge.exclude)}. Measured daily, reported to AWS Marketplace hourly.`,
        example: `If AWS charges ${format.exactUsd(EXAMPLE_COST_USD)} in a month: ${charge.percent} % is ${format.exactUsd(usdText(share))}, reported as ${unitsWords(share, unitPrice)}.`,
      };
    }
    case "license": {
      const fee = exactUsd(charge.perMonth);
      return {
        price: `${format.exactUsd(charge.perMonth)} a month`,
        rule: `${format.exactUsd(charge.perMonth)} for each calendar month (UTC), ${prorationWords[charge.proration]}. Independent of what AWS charges you.`,
        example: `A full month: ${format.exactUsd(charge.perMonth)}, reported as ${unitsWords(fee, unitPrice)}.`,
      };
    }
    case "perUnit": {
      const units = exactUsd(charge.unitPrice) * EXAMPLE_UNITS;
      return {
        price: `${format.exactUsd(charge.unitPrice)} for each unit of ${charge.meter}`,
        rule: `${format.exactUsd(charge.unitPrice)} for each unit of ${charge.meter} in a calendar month (UTC).`,
        example: `${EXAMPLE_UNITS} units in a month: ${format.exactUsd(usdText(units))}, reported as ${unitsWords(units, unitPrice)}.`,
      };
    }
    case "oneTime":
      return {
        price: `${format.exactUsd(charge.amount)} once`,
        rule: `${format.exactUsd(charge.amount)}, once in the life of your subscription.`,
        example: `Reported as ${unitsWords(exactUsd(charge.amount), unitPrice)}.`,
      };
    case "minimumSpend":
      return {
        price: `at least ${format.exactUsd(charge.perMonth)} a month`,
        rule: `What the other charges come to is topped up to ${format.exactUsd(charge.perMonth)} when the month is over.`,
        example: `A month without other charges: ${format.exactUsd(charge.perMonth)}, reported as ${unitsWords(exactUsd(charge.perMonth), unitPrice)}.`,
      };
  }
}

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
