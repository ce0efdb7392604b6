import { describe, expect, it } from "vitest";
import {
  defineProduct,
  license,
  minimumSpend,
  oneTime,
  percentageOfCost,
  perUnit,
} from "../../product/define-product.ts";
import type { ChargeInput, PlanInput, ProductInput } from "../../product/input.ts";

const share = { id: "share", dimension: "cents", percent: "20" };
const minutes = { id: "minutes", dimension: "cents", meter: "video_minutes", unitPrice: "0.15" };
const fee = license({ id: "fee", dimension: "cents", perMonth: "19" });
const least = minimumSpend({ id: "least", dimension: "cents", perMonth: "100" });

function productWith(plan: Partial<PlanInput>): ProductInput {
  const dimensions = [
    { name: "cents", description: "US cents", unitPrice: "0.01" },
    { name: "thirds", description: "Thirds of a cent or so", unitPrice: "0.003" },
    { name: "tiny", description: "Almost nothing", unitPrice: "0.00000001" },
  ];
  return {
    title: "Example",
    name: "example",
    listing: { productCode: "abc123", productId: "prod-abc123", dimensions },
    seller: { name: "Seller", accountId: "999988887777", supportEmail: "support@example.com" },
    plans: [{ id: "plan", title: "Plan", summary: "A plan.", charges: [fee], ...plan }],
    launchStack: { version: "1.0.0" },
  };
}

function problemsOf(plan: Partial<PlanInput>): readonly string[] {
  try {
    defineProduct(productWith(plan));
    return [];
  } catch (error) {
    return (error as { problems: readonly string[] }).problems;
  }
}

const ofCharge = (charge: ChargeInput) =>
  problemsOf({ charges: [charge] }).map((problem) => problem.replace("plans[0].charges[0].", ""));

it("accepts every kind of charge, alone and together", () => {
  const charges = [
    percentageOfCost({
      ...share,
      tiers: [{ above: "1000", percent: "15" }],
      minimum: "20",
      cap: "500",
    }),
    fee,
    perUnit({ ...minutes, included: "20", tiers: [{ above: "100", unitPrice: "0.1" }] }),
    oneTime({ id: "setup", dimension: "thirds", amount: "499.5" }),
    least,
  ];

  expect(problemsOf({ charges })).toEqual([]);
  for (const charge of charges.filter(({ kind }) => kind !== "minimumSpend")) {
    expect(problemsOf({ charges: [charge] })).toEqual([]);
  }
});

it("keeps what was written, and adds nothing to it", () => {
  const charge = perUnit({ ...minutes, entitled: true, entitledBy: "contract" });
  const product = defineProduct(
    productWith({ charges: [charge], trial: { days: 14, graceDays: 3 }, hosting: "seller" }),
  );

  expect(product.plans[0]).toEqual({
    ...{ id: "plan", title: "Plan", summary: "A plan.", hosting: "seller" },
    charges: [{ kind: "perUnit", ...minutes, entitled: true, entitledBy: "contract" }],
    trial: { days: 14, graceDays: 3 },
  });
  expect(defineProduct(product)).toEqual(product);
});

describe("an amount that must be a whole number of units", () => {
  const thirds = 'units of dimension "thirds" at 0.003 USD a unit, or no quantity comes to this';

  it.each([
    ["a fee", license({ id: "x", dimension: "thirds", perMonth: "19" }), "perMonth", "19", "fee"],
    [
      "a one-time fee",
      oneTime({ id: "x", dimension: "thirds", amount: "499" }),
      "amount",
      "499",
      "fee",
    ],
    [
      "a minimum",
      percentageOfCost({ ...share, dimension: "thirds", minimum: "10" }),
      "minimum",
      "10",
      "minimum",
    ],
    ["a cap", perUnit({ ...minutes, dimension: "thirds", cap: "10" }), "cap", "10", "cap"],
  ])("is %s", (_what, charge, name, text, noun) => {
    expect(ofCharge(charge)).toEqual([
      `${name} is "${text}": it must be a whole number of ${thirds} ${noun}.`,
    ]);
  });

  it("is a minimum spend", () => {
    const charge = minimumSpend({ id: "least", dimension: "thirds", perMonth: "10" });

    expect(problemsOf({ charges: [fee, charge] })).toEqual([
      `plans[0].charges[1].perMonth is "10": it must be a whole number of ${thirds} minimum.`,
    ]);
  });

  it("is neither a percentage nor a price for each unit, whose fractions are carried", () => {
    expect(ofCharge(percentageOfCost({ ...share, dimension: "thirds", percent: "0.7" }))).toEqual(
      [],
    );
    expect(ofCharge(perUnit({ ...minutes, dimension: "thirds", unitPrice: "0.15000001" }))).toEqual(
      [],
    );
    expect(ofCharge(perUnit({ ...minutes, unitPrice: "0.00000001" }))).toEqual([]);
  });
});

describe("more units than one record holds", () => {
  const end = "and one metering record holds at most 2,147,483,647; a larger unit price is needed.";

  it("are refused for a fixed amount", () => {
    expect(ofCharge(oneTime({ id: "x", dimension: "tiny", amount: "21.47483647" }))).toEqual([]);
    expect(ofCharge(oneTime({ id: "x", dimension: "tiny", amount: "21.47483648" }))).toEqual([
      `amount is "21.47483648": that is 2,147,483,648 units of dimension "tiny" at 0.00000001 USD a unit, ${end}`,
    ]);
  });

  it("are refused for a million units at once, at any step's price", () => {
    expect(ofCharge(perUnit({ ...minutes, dimension: "tiny", unitPrice: "0.00002147" }))).toEqual(
      [],
    );
    const tiers = [{ above: "10", unitPrice: "0.00002148" }];
    expect(
      ofCharge(perUnit({ ...minutes, dimension: "tiny", unitPrice: "0.00002", tiers })),
    ).toEqual([
      `tiers[0].unitPrice is "0.00002148": for 1,000,000 of them at once, that is 2,148,000,000 units of dimension "tiny" at 0.00000001 USD a unit, ${end}`,
    ]);
  });

  it("are refused for a large month's cost at once, at any step's rate", () => {
    const tiers = [{ above: "10", percent: "20" }];
    expect(
      ofCharge(percentageOfCost({ ...share, dimension: "tiny", percent: "0.002", tiers })),
    ).toEqual([
      `tiers[0].percent is "20": of 1,000,000 USD of AWS cost, that is 20,000,000,000,000 units of dimension "tiny" at 0.00000001 USD a unit, ${end}`,
    ]);
  });
});

describe("steps", () => {
  const steps = (...above: string[]) => above.map((each) => ({ above: each, percent: "10" }));
  const ofSteps = (...above: string[]) =>
    ofCharge(percentageOfCost({ ...share, tiers: steps(...above) }));

  it("rise", () => {
    expect(ofSteps("1000", "1000.01")).toEqual([]);
    expect(ofSteps("1000", "1000.00")).toEqual([
      'tiers[1].above is "1000.00": it must be above "1000", the step before it.',
    ]);
    expect(ofSteps("1000", "90")).toHaveLength(1);
  });

  it("begin above what is included", () => {
    const tiers = [{ above: "20", unitPrice: "0.1" }];

    expect(ofCharge(perUnit({ ...minutes, included: "19.9", tiers }))).toEqual([]);
    expect(ofCharge(perUnit({ ...minutes, included: "20", tiers }))).toEqual([
      'tiers[0].above is "20": it must be above the "20" that are included, or the charge\'s own unitPrice never counts.',
    ]);
  });

  it("are at least one, or left out", () => {
    expect(ofSteps()).toEqual(["tiers is []: it must be a list of 1 to 20 steps."]);
  });

  it("are looked at although the dimension is unknown", () => {
    const charge = percentageOfCost({ ...share, dimension: "cent", tiers: steps("2", "1") });

    expect(ofCharge(charge)).toHaveLength(2);
  });

  it("have fields whose misspelling is seen", () => {
    const charge = { ...minutes, tiers: [{ abvoe: "1", above: "2", unitPrice: "1" }] };

    expect(ofCharge(perUnit(charge as never))).toEqual([
      'tiers[0].abvoe is not a field; did you mean "above"? Known here: above, unitPrice.',
    ]);
  });
});

it("refuses a cap below the minimum", () => {
  expect(ofCharge(percentageOfCost({ ...share, minimum: "20", cap: "20.0" }))).toEqual([]);
  expect(ofCharge(perUnit({ ...minutes, minimum: "20", cap: "19.99" }))).toEqual([
    'cap is "19.99": it must not be below the minimum, 20.',
  ]);
});

describe("a meter", () => {
  it.each(["video minutes", "1st", "", "a.b", "x".repeat(65), "é"])("is not named %j", (meter) => {
    expect(ofCharge(perUnit({ ...minutes, meter }))).toEqual([
      expect.stringMatching(/^meter is .*: it must be the name that the product reports its usage/),
    ]);
  });

  it("is counted by one charge of a plan, and may be counted by another plan's", () => {
    const again = perUnit({ ...minutes, id: "again" });

    expect(problemsOf({ charges: [perUnit(minutes), again] })).toEqual([
      'plans[0].charges[1].meter is "video_minutes": another charge of the plan counts this meter, and each unit has one price; use tiers.',
    ]);
    const product = productWith({ charges: [perUnit(minutes)] });
    const plans = [...product.plans, { ...product.plans[0]!, id: "other", charges: [again] }];
    expect(defineProduct({ ...product, plans }).plans).toHaveLength(2);
  });
});

describe("units that a contract includes", () => {
  it("are not included by the plan, too", () => {
    expect(ofCharge(perUnit({ ...minutes, included: "20", entitled: true }))).toEqual([
      'included is "20": with entitled, the buyer\'s contract says how many units are included; leave one of them out.',
    ]);
  });

  it("are named only where they count", () => {
    expect(ofCharge(perUnit({ ...minutes, entitledBy: "contract" }))).toEqual([
      'entitledBy is "contract": it names the dimension of the contract that includes units, so it needs entitled: true.',
    ]);
  });
});

describe("a minimum spend", () => {
  it("needs something to top up", () => {
    expect(problemsOf({ charges: [least] })).toEqual([
      "plans[0].charges[0] is a minimumSpend alone: it has nothing to top up; a fixed monthly fee is license({ … }).",
    ]);
  });

  it("is one for a plan", () => {
    expect(problemsOf({ charges: [fee, least, { ...least, id: "more" }] })).toEqual([
      "plans[0].charges[2] is a second minimumSpend: a plan has one monthly minimum.",
    ]);
  });
});

describe("a trial", () => {
  it.each([0, 366, 1.5, "14"])("does not last %j days", (days) => {
    expect(problemsOf({ trial: { days: days as number } })).toEqual([
      `plans[0].trial.days is ${JSON.stringify(days)}: it must be a whole number of days from 1 to 365.`,
    ]);
  });

  it("is not one of a free plan", () => {
    expect(problemsOf({ charges: [], trial: { days: 14 } })).toEqual([
      "plans[0].trial is of a free plan: a trial ends by being charged; leave it out.",
    ]);
  });
});

it("counts only tagged cost of a plan that the seller hosts", () => {
  const tagged = percentageOfCost({ ...share, costScope: "tag" });

  expect(problemsOf({ hosting: "seller", charges: [tagged] })).toEqual([]);
  expect(problemsOf({ hosting: "seller", charges: [percentageOfCost(share)] })).toEqual([
    `plans[0].charges[0].costScope must be "tag": you host this plan, so it is your account's cost that is read, and only what carries the deployment's tag is this buyer's.`,
  ]);
});
