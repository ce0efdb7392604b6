import type { Charge, Dimension } from "../metering/domain/charges.ts";
import { toHundredMillionths } from "./decimal.ts";

/** The most units that one metering record can hold (protocol-facts A7). */
const MOST_UNITS_PER_RECORD = 2_147_483_647n;

/**
 * What one record must be able to bill: the cost of a large deployment's whole month, or a busy
 * product's usage, that arrives at once, as after an outage. More than a record holds is billed an
 * hour later, so this is a bound on waiting, not on money.
 */
const LARGEST_COST_AT_ONCE_USD = 1_000_000n;
const LARGEST_USAGE_AT_ONCE = 1_000_000n;
const COST_WORDS = `of ${LARGEST_COST_AT_ONCE_USD.toLocaleString("en-US")} USD of AWS cost, `;
const USAGE_WORDS = `for ${LARGEST_USAGE_AT_ONCE.toLocaleString("en-US")} of them at once, `;

/**
 * What can't be expressed in units of the charge's dimension.
 *
 * Fixed amounts must be whole numbers of units: a buyer who owes $19 is to see $19, a one-time fee
 * has no later record to carry a remainder to, and a month at its cap is to be billed the cap and
 * not a cent of it later. A percentage or a price for each unit needn't divide: its fractions are
 * carried, and none is lost.
 */
export function priceProblems(path: string, charge: Charge, dimension: Dimension): string[] {
  const of = { path, dimension };
  switch (charge.kind) {
    case "license":
      return fixedAmount(of, "perMonth", charge.perMonth, "fee");
    case "minimumSpend":
      return fixedAmount(of, "perMonth", charge.perMonth, "minimum");
    case "oneTime":
      return fixedAmount(of, "amount", charge.amount, "fee");
    case "perUnit": {
      const tiers = (charge.tiers ?? []).map(
        ({ unitPrice }, n) => [`tiers[${n}].unitPrice`, unitPrice] as const,
      );
      return [
        ...[["unitPrice", charge.unitPrice] as const, ...tiers].flatMap(([name, price]) =>
          overflow(
            of,
            name,
            price,
            LARGEST_USAGE_AT_ONCE * toHundredMillionths(price),
            USAGE_WORDS,
          ),
        ),
        ...bounds(of, charge),
      ];
    }
    case "percentageOfCost": {
      const tiers = (charge.tiers ?? []).map(
        ({ percent }, n) => [`tiers[${n}].percent`, percent] as const,
      );
      return [
        ...[["percent", charge.percent] as const, ...tiers].flatMap(([name, percent]) =>
          overflow(
            of,
            name,
            percent,
            (LARGEST_COST_AT_ONCE_USD * toHundredMillionths(percent)) / 100n,
            COST_WORDS,
          ),
        ),
        ...bounds(of, charge),
      ];
    }
  }
}

interface Of {
  readonly path: string;
  readonly dimension: Dimension;
}

function bounds(
  of: Of,
  { minimum, cap }: { readonly minimum?: string | undefined; readonly cap?: string | undefined },
): string[] {
  return [
    ...(minimum === undefined ? [] : fixedAmount(of, "minimum", minimum, "minimum")),
    ...(cap === undefined ? [] : fixedAmount(of, "cap", cap, "cap")),
  ];
}

function fixedAmount(of: Of, name: string, text: string, noun: string): string[] {
  const amount = toHundredMillionths(text);
  if (amount % toHundredMillionths(of.dimension.unitPrice) === 0n) {
    return overflow(of, name, text, amount);
  }
  return [
    `${of.path}.${name} is ${JSON.stringify(text)}: it must be a whole number of units of ` +
      `${unitOf(of.dimension)}, or no quantity comes to this ${noun}.`,
  ];
}

function overflow(
  { path, dimension }: Of,
  name: string,
  text: string,
  amount: bigint,
  before = "",
): string[] {
  const units = amount / toHundredMillionths(dimension.unitPrice);
  if (units <= MOST_UNITS_PER_RECORD) return [];
  return [
    `${path}.${name} is ${JSON.stringify(text)}: ${before}` +
      `that is ${units.toLocaleString("en-US")} units of ${unitOf(dimension)}, and one metering ` +
      `record holds at most ${MOST_UNITS_PER_RECORD.toLocaleString("en-US")}; a larger unit price is needed.`,
  ];
}

const unitOf = (dimension: Dimension) =>
  `dimension ${JSON.stringify(dimension.name)} at ${dimension.unitPrice} USD a unit`;
