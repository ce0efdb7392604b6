import type { Charge, Dimension } from "../metering/domain/charges.ts";
import { field, list, repeated } from "./fields.ts";
import { listingProblems } from "./listing-problems.ts";
import { nearest } from "./nearest.ts";
import { planProblems } from "./plan-problems.ts";
import { priceProblems } from "./price-problems.ts";
import { ruleProblems } from "./rule-problems.ts";
import { chargeSchema, dimensionSchema } from "./schema.ts";

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
    ...plans.flatMap((plan, p) => planProblems(`plans[${p}]`, plan)),
    ...launchStackProblems(field(input, "launchStack")),
  ];
}

function chargeProblems(path: string, input: unknown, dimensions: readonly NamedDimension[]) {
  const parsed = chargeSchema.safeParse(input);
  return [
    ...(parsed.success ? ruleProblems(path, parsed.data) : []),
    ...dimensionProblems(path, input, parsed.data, dimensions),
  ];
}

function dimensionProblems(
  path: string,
  input: unknown,
  charge: Charge | undefined,
  dimensions: readonly NamedDimension[],
) {
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
  if (charge === undefined || dimension.parsed === undefined) return [];
  const { unitPrice, priceChanges = [] } = dimension.parsed;
  const prices = [unitPrice, ...priceChanges.map((change) => change.unitPrice)];
  return [...new Set(prices)].flatMap((price) =>
    priceProblems(path, charge, { ...dimension.parsed!, unitPrice: price }),
  );
}

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
