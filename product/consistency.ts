import type { Charge, Dimension } from "../metering/domain/charges.ts";
import { toHundredMillionths } from "./decimal.ts";
import { field, list, repeated } from "./fields.ts";
import { listingProblems } from "./listing-problems.ts";
import { nearest } from "./nearest.ts";
import { chargeSchema, dimensionSchema } from "./schema.ts";

/** The most units that one metering record can hold (protocol-facts A3–A7). */
const MOST_UNITS_PER_RECORD = 2_147_483_647n;

/**
 * The AWS cost that one record must be able to bill: a large deployment whose whole month arrives
 * at once, as after an outage of the cost data.
 */
const LARGEST_COST_AT_ONCE_USD = 1_000_000n;

/**
 * What a schema can't see: names that must be unique or refer to each other, and prices that must
 * fit together. Looks at whatever parses, so that one wrong field doesn't hide other problems.
 */
export function inconsistencies(input: unknown): string[] {
  const dimensions = dimensionsOf(input);
  const plans = list(field(input, "plans"));
  const charges = plans.flatMap((plan, p) =>
    list(field(plan, "charges")).map((charge, c) => ({
      path: `plans[${p}].charges[${c}]`,
      charge,
    })),
  );
  return [
    ...repeated(
      list(field(field(input, "listing"), "dimensions")).map((dimension, d) => ({
        path: `listing.dimensions[${d}].name`,
        value: field(dimension, "name"),
      })),
      "another dimension has this name; the listing has each name once",
    ),
    ...listingProblems(field(input, "listing")),
    ...repeated(
      plans.map((plan, p) => ({ path: `plans[${p}].id`, value: field(plan, "id") })),
      "another plan has this id; every plan needs its own",
    ),
    ...repeated(
      charges.map(({ path, charge }) => ({ path: `${path}.id`, value: field(charge, "id") })),
      "another charge has this id; what was billed under an id stays with it, so each needs its own",
    ),
    ...charges.flatMap(({ path, charge }) =>
      repeated(
        list(field(charge, "exclude")).map((value, i) => ({
          path: `${path}.exclude[${i}]`,
          value,
        })),
        "it is in the list already",
      ),
    ),
    ...charges.flatMap(({ path, charge }) => chargeProblems(path, charge, dimensions)),
    ...launchStackProblems(field(input, "launchStack")),
  ];
}

function chargeProblems(path: string, input: unknown, dimensions: readonly NamedDimension[]) {
  const name = field(input, "dimension");
  if (typeof name !== "string") return [];
  const dimension = dimensions.find((candidate) => candidate.name === name);
  if (dimension === undefined) {
    const names = dimensions.map((candidate) => candidate.name);
    const guess = nearest(name, names);
    const hint = guess === undefined ? "" : ` Did you mean ${JSON.stringify(guess)}?`;
    return [
      `${path}.dimension is ${JSON.stringify(name)}: the listing has no such dimension, only ` +
        `${names.map((known) => JSON.stringify(known)).join(", ") || "none"}.${hint}`,
    ];
  }
  const charge = chargeSchema.safeParse(input);
  if (!charge.success || dimension.parsed === undefined) return [];
  const { unitPrice, priceChanges = [] } = dimension.parsed;
  const prices = [unitPrice, ...priceChanges.map((change) => change.unitPrice)];
  return [...new Set(prices)].flatMap((price) =>
    priceProblems(path, charge.data, { ...dimension.parsed!, unitPrice: price }),
  );
}

function priceProblems(path: string, charge: Charge, dimension: Dimension): string[] {
  const unitPrice = toHundredMillionths(dimension.unitPrice);
  const unit = `dimension ${JSON.stringify(dimension.name)} at ${dimension.unitPrice} USD a unit`;
  const fixed = (name: string, text: string | undefined) => {
    if (text === undefined) return [];
    const fee = toHundredMillionths(text);
    const at = `${path}.${name} is ${JSON.stringify(text)}`;
    if (fee % unitPrice !== 0n) {
      return [
        `${at}: it must be a whole number of units of ${unit}, or no quantity comes to this fee.`,
      ];
    }
    return fee / unitPrice > MOST_UNITS_PER_RECORD
      ? [`${at}: ${tooMany(fee / unitPrice, unit)}`]
      : [];
  };
  switch (charge.kind) {
    case "license":
    case "minimumSpend":
      return fixed("perMonth", charge.perMonth);
    case "oneTime":
      return fixed("amount", charge.amount);
    case "perUnit":
      return [...fixed("minimum", charge.minimum), ...fixed("cap", charge.cap)];
    case "percentageOfCost": {
      const units =
        (LARGEST_COST_AT_ONCE_USD * toHundredMillionths(charge.percent)) / 100n / unitPrice;
      return [
        ...(units > MOST_UNITS_PER_RECORD
          ? [
              `${path}.percent is ${JSON.stringify(charge.percent)}: of ` +
                `${LARGEST_COST_AT_ONCE_USD.toLocaleString("en-US")} USD of AWS cost, ` +
                tooMany(units, unit),
            ]
          : []),
        ...fixed("minimum", charge.minimum),
        ...fixed("cap", charge.cap),
      ];
    }
  }
}

const tooMany = (units: bigint, unit: string) =>
  `that is ${units.toLocaleString("en-US")} units of ${unit}, and one metering record holds at ` +
  `most ${MOST_UNITS_PER_RECORD.toLocaleString("en-US")}; a larger unit price is needed.`;

function launchStackProblems(stack: unknown): string[] {
  const sizes = list(field(stack, "sizes"));
  const size = field(stack, "defaultSize");
  const names = (what: string) =>
    list(field(stack, what)).map((value, i) => ({ path: `launchStack.${what}[${i}]`, value }));
  const foreign = size !== undefined && sizes.length > 0 && !sizes.includes(size);
  return [
    ...repeated(names("regions"), "it is in the list already"),
    ...repeated(names("sizes"), "it is in the list already"),
    ...(foreign
      ? [
          `launchStack.defaultSize is ${JSON.stringify(size)}: it must be one of launchStack.sizes, ` +
            `${sizes.map((known) => JSON.stringify(known)).join(", ")}.`,
        ]
      : []),
  ];
}

interface NamedDimension {
  readonly name: string;
  /** Absent when its price or description is refused elsewhere. */
  readonly parsed: Dimension | undefined;
}

function dimensionsOf(input: unknown): NamedDimension[] {
  return list(field(field(input, "listing"), "dimensions")).flatMap((dimension) => {
    const name = field(dimension, "name");
    return typeof name === "string"
      ? [{ name, parsed: dimensionSchema.safeParse(dimension).data }]
      : [];
  });
}
