import { describe, expect, it } from "vitest";
import fc from "fast-check";
import example from "../../product.config.ts";
import { defineProduct, license, percentageOfCost } from "../../product/define-product.ts";
import type { PlanInput, ProductInput } from "../../product/input.ts";
import { isDecimal, toHundredMillionths } from "../../product/decimal.ts";

function aProduct(changes: Partial<ProductInput> = {}): ProductInput {
  return {
    title: "Example",
    name: "example",
    listing: {
      productCode: "abc123",
      productId: "prod-abc123",
      dimensions: [
        { name: "cents", description: "US cents", unitPrice: "0.01" },
        { name: "tenths", description: "Tenths of a US dollar", unitPrice: "0.1" },
      ],
    },
    seller: {
      name: "Example seller",
      accountId: "999988887777",
      supportEmail: "support@example.com",
    },
    plans: [aPlan()],
    launchStack: { version: "1.0.0" },
    ...changes,
  };
}

function aPlan(changes: Partial<PlanInput> = {}): PlanInput {
  return {
    id: "share",
    title: "Share",
    summary: "A share of your AWS cost.",
    charges: [percentageOfCost({ id: "share", dimension: "cents", percent: "20" })],
    ...changes,
  };
}

/** What a product is refused for; empty when it is accepted. */
function problemsOf(product: unknown): readonly string[] {
  try {
    defineProduct(product as ProductInput);
    return [];
  } catch (error) {
    return (error as { problems: readonly string[] }).problems;
  }
}

const withCharge = (charge: PlanInput["charges"][number]) =>
  aProduct({ plans: [aPlan({ charges: [charge] })] });

const withDimension = (dimension: object) => {
  const product = aProduct();
  return {
    ...product,
    listing: { ...product.listing, dimensions: [...product.listing.dimensions, dimension] },
  };
};

describe("the example product", () => {
  it("sells a fifth of the AWS cost by default and a license for 19 USD a month", () => {
    expect(example.plans.map((plan) => plan.id)).toEqual(["share", "license"]);
    expect(example.plans[0]?.charges).toEqual([
      {
        kind: "percentageOfCost",
        id: "share-of-cost",
        dimension: "aws_cost_cents",
        percent: "20",
        costMetric: "BilledCost",
        costScope: "account",
        exclude: ["Tax", "Credit", "Refund", "Marketplace"],
      },
    ]);
    expect(example.plans[1]?.charges).toEqual([
      {
        kind: "license",
        id: "monthly-license",
        dimension: "license_cents",
        perMonth: "19",
        proration: "daily",
      },
    ]);
  });

  it("prices one cent of AWS cost at exactly 20 % of a cent", () => {
    const price = example.listing.dimensions.find(({ name }) => name === "aws_cost_cents");

    expect(toHundredMillionths(price!.unitPrice) * 100n).toBe(20n * toHundredMillionths("0.01"));
  });
});

describe("defaults", () => {
  it("are filled in", () => {
    const product = defineProduct(aProduct());

    expect(product.seller.meteringRegion).toBe("us-east-1");
    expect(product.launchStack.sizes).toEqual(["dev", "staging", "production"]);
    expect(product.launchStack.defaultSize).toBe("production");
    expect(product.launchStack.regions).toContain("eu-central-1");
    expect(product.launchStack.regions).not.toContain("cn-north-1");
    expect(product.plans[0]?.charges[0]).toMatchObject({
      costMetric: "EffectiveCost",
      costScope: "account",
      exclude: ["Tax", "Credit", "Refund", "Marketplace"],
    });
  });

  it("prorate no license unless asked", () => {
    const product = defineProduct(
      withCharge(license({ id: "fee", dimension: "cents", perMonth: "19" })),
    );

    expect(product.plans[0]?.charges[0]).toMatchObject({ proration: "none" });
  });

  it("take the last size when production isn't offered", () => {
    const product = defineProduct(
      aProduct({ launchStack: { version: "1.0.0", sizes: ["dev", "staging"] } }),
    );

    expect(product.launchStack.defaultSize).toBe("staging");
  });

  it("survive being checked a second time unchanged", () => {
    const once = defineProduct(aProduct());

    expect(defineProduct(once)).toEqual(once);
  });

  it("leave a product that nobody can change", () => {
    const product = defineProduct(aProduct());

    expect(() => Object.assign(product.plans[0]!, { title: "Other" })).toThrow(TypeError);
  });
});

describe("a plan", () => {
  it("without charges is free", () => {
    expect(defineProduct(aProduct({ plans: [aPlan({ charges: [] })] })).plans[0]?.charges).toEqual(
      [],
    );
  });

  it("can combine charges on one dimension", () => {
    const charges = [
      percentageOfCost({ id: "share", dimension: "cents", percent: "20" }),
      license({ id: "base", dimension: "cents", perMonth: "5" }),
    ];

    expect(problemsOf(aProduct({ plans: [aPlan({ charges })] }))).toEqual([]);
  });
});

describe("a refusal names the field, its value and what is allowed", () => {
  it.each<[string, unknown, string]>([
    [
      "a percentage of zero",
      withCharge(percentageOfCost({ id: "share", dimension: "cents", percent: "0" })),
      'plans[0].charges[0].percent is "0": it must be a decimal string above 0 and at most 1000 with at most 6 decimals, such as "20" or "12.5".',
    ],
    [
      "a percentage above 1000",
      withCharge(percentageOfCost({ id: "share", dimension: "cents", percent: "1000.1" })),
      'plans[0].charges[0].percent is "1000.1": it must be a decimal string above 0 and at most 1000 with at most 6 decimals, such as "20" or "12.5".',
    ],
    [
      "a percentage as a number",
      withCharge({
        ...percentageOfCost({ id: "s", dimension: "cents", percent: "1" }),
        percent: 20 as never,
      }),
      'plans[0].charges[0].percent is 20: it must be a decimal string above 0 and at most 1000 with at most 6 decimals, such as "20" or "12.5".',
    ],
    [
      "a price with nine decimals",
      withDimension({ name: "other", description: "Other", unitPrice: "0.123456789" }),
      'listing.dimensions[2].unitPrice is "0.123456789": it must be a decimal string above 0 with at most 8 decimals, such as "0.01".',
    ],
    [
      "a price of nothing",
      withDimension({ name: "other", description: "Other", unitPrice: "0.00" }),
      'listing.dimensions[2].unitPrice is "0.00": it must be a decimal string above 0 with at most 8 decimals, such as "0.01".',
    ],
    [
      "a dimension name of 256 characters",
      withDimension({ name: "x".repeat(256), description: "Other", unitPrice: "1" }),
      `listing.dimensions[2].name is "${"x".repeat(76)}…: it must be the listing's API name: 1 to 255 visible ASCII characters without blanks.`,
    ],
    [
      "a second dimension of the same name",
      withDimension({ name: "cents", description: "Again", unitPrice: "1" }),
      'listing.dimensions[2].name is "cents": another dimension has this name; the listing has each name once.',
    ],
    [
      "an unknown dimension",
      withCharge(percentageOfCost({ id: "share", dimension: "cent", percent: "20" })),
      'plans[0].charges[0].dimension is "cent": the listing has no such dimension, only "cents", "tenths". Did you mean "cents"?',
    ],
    [
      "two plans with one id",
      aProduct({ plans: [aPlan(), aPlan({ charges: [] })] }),
      'plans[1].id is "share": another plan has this id; every plan needs its own.',
    ],
    [
      "two charges with one id, even in different plans",
      aProduct({ plans: [aPlan(), aPlan({ id: "other" })] }),
      'plans[1].charges[0].id is "share": another charge has this id; what was billed under an id stays with it, so each needs its own.',
    ],
    ["no plan", aProduct({ plans: [] }), "plans is []: it must be a list of at least one plan."],
    [
      "an account of eleven digits",
      aProduct({ seller: { ...aProduct().seller, accountId: "99998888777" } }),
      'seller.accountId is "99998888777": it must be an AWS account id: 12 digits, as a string.',
    ],
    [
      "a region that AWS doesn't have",
      aProduct({ launchStack: { version: "1.0.0", regions: ["eu-central-9"] } }),
      'launchStack.regions[0] is "eu-central-9": it must be a commercial AWS region such as "eu-central-1".',
    ],
    [
      "a region of another partition",
      aProduct({ launchStack: { version: "1.0.0", regions: ["cn-north-1"] } }),
      'launchStack.regions[0] is "cn-north-1": it must be a commercial AWS region such as "eu-central-1".',
    ],
    [
      "an unknown size",
      aProduct({ launchStack: { version: "1.0.0", sizes: ["huge" as never] } }),
      'launchStack.sizes[0] is "huge": it must be one of "dev", "staging", "production".',
    ],
    [
      "a default size that isn't offered",
      aProduct({ launchStack: { version: "1.0.0", sizes: ["dev"], defaultSize: "production" } }),
      'launchStack.defaultSize is "production": it must be one of launchStack.sizes, "dev".',
    ],
    [
      "the product id in place of the product code",
      aProduct({ listing: { ...aProduct().listing, productCode: "prod-abc123" } }),
      'listing.productCode is "prod-abc123": it must be the listing\'s product code (letters and digits; the id that begins with "prod-" goes into productId).',
    ],
    [
      "a missing field",
      { ...aProduct(), title: undefined },
      'title is missing: it must be one line of 1 to 72 characters, without "${".',
    ],
    [
      "a reference inside a title",
      aProduct({ title: "In ${AWS::Region}" }),
      'title is "In ${AWS::Region}": it must be one line of 1 to 72 characters, without "${".',
    ],
    [
      "a misspelt field",
      withCharge({
        ...license({ id: "fee", dimension: "cents", perMonth: "19" }),
        proratoin: "daily",
      } as never),
      'plans[0].charges[0].proratoin is not a field; did you mean "proration"? Known here: id, dimension, perMonth, proration.',
    ],
    [
      "an unknown kind of charge",
      withCharge({ kind: "perSeat", id: "seat" } as never),
      'plans[0].charges[0].kind is "perSeat": it must be a charge made by percentageOfCost({ … }), license({ … }), perUnit({ … }), oneTime({ … }) or minimumSpend({ … }).',
    ],
    [
      "a fee that no number of units comes to",
      withCharge(license({ id: "fee", dimension: "tenths", perMonth: "19.95" })),
      'plans[0].charges[0].perMonth is "19.95": it must be a whole number of units of dimension "tenths" at 0.1 USD a unit, or no quantity comes to this fee.',
    ],
    [
      "a fee of more units than a record holds",
      withCharge(license({ id: "fee", dimension: "cents", perMonth: "21474836.48" })),
      'plans[0].charges[0].perMonth is "21474836.48": that is 2,147,483,648 units of dimension "cents" at 0.01 USD a unit, and one metering record holds at most 2,147,483,647; a larger unit price is needed.',
    ],
    [
      "nothing at all",
      undefined,
      "the product is missing: it must be an object with title, name, listing, seller, plans, costSource, launchStack.",
    ],
  ])("%s", (_what, product, sentence) => {
    expect(problemsOf(product)).toEqual([sentence]);
  });

  it("accepts the largest fee that a record holds", () => {
    const fee = license({ id: "fee", dimension: "cents", perMonth: "21474836.47" });

    expect(problemsOf(withCharge(fee))).toEqual([]);
  });

  it("refuses a percentage whose units would overflow a record at a large AWS cost", () => {
    const product = aProduct({
      listing: {
        ...aProduct().listing,
        dimensions: [{ name: "cents", description: "Tiny", unitPrice: "0.00000001" }],
      },
    });

    expect(problemsOf(product)).toEqual([expect.stringContaining("a larger unit price is needed")]);
  });

  it("lists every problem at once", () => {
    const problems = problemsOf({
      ...aProduct(),
      title: "",
      seller: { ...aProduct().seller, supportEmail: "nobody" },
      plans: [aPlan(), aPlan({ id: "share" })],
    });

    expect(problems).toHaveLength(4);
  });
});

describe("prices", () => {
  it("are exact for every decimal with up to eight places", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 20n - 1n }), (hundredMillionths) => {
        const digits = hundredMillionths.toString().padStart(9, "0");
        const text = `${digits.slice(0, -8)}.${digits.slice(-8)}`;

        expect(isDecimal(text, 8)).toBe(true);
        expect(toHundredMillionths(text)).toBe(hundredMillionths);
      }),
    );
  });
});
