import type { Product } from "./definition.ts";
import type {
  LicenseFeeInput,
  MinimumSpendInput,
  OneTimeInput,
  PercentageOfCostInput,
  PerUnitInput,
  ProductInput,
} from "./input.ts";
import { inconsistencies } from "./consistency.ts";
import { productSchema } from "./schema.ts";

/** A share of what AWS charges the buyer for the deployment. */
export function percentageOfCost(
  charge: Omit<PercentageOfCostInput, "kind">,
): PercentageOfCostInput {
  return { ...charge, kind: "percentageOfCost" };
}

/** A fixed fee for each calendar month. */
export function license(charge: Omit<LicenseFeeInput, "kind">): LicenseFeeInput {
  return { ...charge, kind: "license" };
}

/** A price for each unit that the product reports, such as a video minute. */
export function perUnit(charge: Omit<PerUnitInput, "kind">): PerUnitInput {
  return { ...charge, kind: "perUnit" };
}

/** A fee that each license owes once, such as a perpetual license or a setup. */
export function oneTime(charge: Omit<OneTimeInput, "kind">): OneTimeInput {
  return { ...charge, kind: "oneTime" };
}

/** Tops up the plan's other charges to a monthly minimum. */
export function minimumSpend(charge: Omit<MinimumSpendInput, "kind">): MinimumSpendInput {
  return { ...charge, kind: "minimumSpend" };
}

/** AWS cost from Cost Explorer, read in the buyer's account through the launch stack's role. */
export function costExplorer(): CostSourceInput<"cost-explorer"> {
  return { kind: "cost-explorer" };
}

/** AWS cost from data exports (FOCUS or CUR 2.0) in a bucket or a folder of the seller's. */
export function dataExport(
  source: Omit<CostSourceInput<"data-export">, "kind">,
): CostSourceInput<"data-export"> {
  return { ...source, kind: "data-export" };
}

/** AWS cost from data exports that Athena adds up: for more than one machine can read. */
export function athena(source: Omit<CostSourceInput<"athena">, "kind">): CostSourceInput<"athena"> {
  return { ...source, kind: "athena" };
}

type CostSourceInput<Kind> = Extract<Product["costSource"], { readonly kind: Kind }>;

/** A product description that can't be sold as it is. The message lists everything wrong with it. */
export class ProductRefused extends Error {
  /** One sentence each: the field, its value, what is allowed. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super([`The product has ${count}:`, ...problems.map((problem) => `  ${problem}`)].join("\n"));
    this.name = "ProductRefused";
    this.problems = problems;
  }
}

/**
 * Checks a product description and fills in its defaults.
 *
 * Throws `ProductRefused` with all problems at once. A `Product` is itself a valid input, so that
 * checking twice changes nothing.
 */
export function defineProduct(input: ProductInput): Product {
  const parsed = productSchema.safeParse(input);
  const problems = [
    ...(parsed.success ? [] : parsed.error.issues.flatMap((issue) => sentences(issue, input))),
    ...inconsistencies(input),
  ];
  if (!parsed.success || problems.length > 0) throw new ProductRefused(problems);
  return frozen(parsed.data);
}

interface Issue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function sentences(issue: Issue, input: unknown): string[] {
  const path = issue.path.reduce<string>(
    (before, key) =>
      typeof key === "number"
        ? `${before}[${key}]`
        : before === ""
          ? String(key)
          : `${before}.${String(key)}`,
    "",
  );
  if (issue.code === "unrecognized_keys") {
    return issue.message.split("\n").map((line) => (path === "" ? line : `${path}.${line}`));
  }
  const value = issue.path.reduce<unknown>(
    (parent, key) => (parent as Record<PropertyKey, unknown> | undefined)?.[key],
    input,
  );
  const found = value === undefined ? "missing" : shown(value);
  return [`${path === "" ? "the product" : path} is ${found}: it must be ${issue.message}.`];
}

/** JSON, cut so that a pasted file doesn't bury the sentence. */
function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value);
  return json.length > 80 ? `${json.slice(0, 77)}…` : json;
}

function frozen<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null) {
    for (const child of Object.values(value)) frozen(child);
    Object.freeze(value);
  }
  return value;
}
