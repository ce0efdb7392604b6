import { describe, expect, it } from "vitest";
import { memoryPlanBook } from "../../metering/adapters/memory-plan-book.ts";
import { DAY, HOUR } from "../../metering/domain/calendar.ts";
import type { Charge, Plan } from "../../metering/domain/charges.ts";
import type { ListedOffer } from "../../metering/domain/prices.ts";
import {
  type DescribedProduct,
  openPlanBook,
  type OpenedPlanBook,
} from "../../metering/open-plan-book.ts";
import { aFee, aPlan, aShare, at, CENTS, FEE } from "./fixtures.ts";

const BEGUN = at("2026-03-10T14:20:00Z");

const percent = (text: string, over: Partial<Plan> = {}): Plan => ({
  ...aPlan({ ...aShare, percent: text }),
  ...over,
});

const product = (
  plans: readonly Plan[],
  unitPrice = "0.01",
  offers: readonly ListedOffer[] = [],
): DescribedProduct => ({
  plans,
  listing: { dimensions: [{ ...CENTS, unitPrice }, FEE], offers },
});

/** A book and starts of the seller's service at any time; each answers what it opened. */
function aBook() {
  const planBook = memoryPlanBook();
  const start = (now: number, described: DescribedProduct): Promise<OpenedPlanBook> =>
    openPlanBook({ clock: { now: () => now }, planBook }, described);
  return {
    planBook,
    start,
    open: async (now: number, described: DescribedProduct) => {
      const opened = await start(now, described);
      if (opened.kind === "refused") throw new Error(opened.problems.join("\n"));
      return opened;
    },
  };
}

const versionsOf = (opened: { book: { versions: readonly { plan: Plan; since: number }[] } }) =>
  opened.book.versions.map(({ plan, since }) => [
    (plan.charges[0] as typeof aShare).percent,
    since,
  ]);

describe("A plan's versions", () => {
  it("count from the beginning, and after a change from the next UTC midnight", async () => {
    const { open } = aBook();

    const first = await open(BEGUN, product([percent("20")]));
    const second = await open(BEGUN + HOUR, product([percent("15")]));

    expect(versionsOf(first)).toEqual([["20", 0]]);
    expect(versionsOf(second)).toEqual([
      ["20", 0],
      ["15", at("2026-03-11T00:00:00Z")],
    ]);
  });

  it("are the same after a hundred starts with the same product", async () => {
    const { open, planBook } = aBook();
    await open(BEGUN, product([percent("20")]));
    await open(BEGUN + HOUR, product([percent("15")]));
    const before = await planBook.read();

    for (let day = 0; day < 100; day++) await open(BEGUN + day * DAY, product([percent("15")]));

    expect(await planBook.read()).toBe(before);
  });

  it("leave no trace of a change that was undone before midnight", async () => {
    const { open } = aBook();
    await open(BEGUN, product([percent("20")]));
    await open(BEGUN + HOUR, product([percent("15")]));

    const undone = await open(BEGUN + 2 * HOUR, product([percent("20")]));

    expect(versionsOf(undone)).toEqual([["20", 0]]);
  });

  it("hold only the last of several changes on one day", async () => {
    const { open } = aBook();
    await open(BEGUN, product([percent("20")]));
    await open(BEGUN + HOUR, product([percent("15")]));

    const changed = await open(BEGUN + 2 * HOUR, product([percent("12.5")]));

    expect(versionsOf(changed)).toEqual([
      ["20", 0],
      ["12.5", at("2026-03-11T00:00:00Z")],
    ]);
  });

  it("keep what counted for a day when the change is undone afterwards", async () => {
    const { open } = aBook();
    await open(BEGUN, product([percent("20")]));
    await open(BEGUN + HOUR, product([percent("15")]));

    const undone = await open(BEGUN + DAY, product([percent("20")]));

    expect(versionsOf(undone)).toEqual([
      ["20", 0],
      ["15", at("2026-03-11T00:00:00Z")],
      ["20", at("2026-03-12T00:00:00Z")],
    ]);
  });

  it("take new words and another order of charges without a new version", async () => {
    const { open } = aBook();
    await open(BEGUN, product([aPlan(aShare, aFee)]));

    const reworded = await open(
      BEGUN + DAY,
      product([{ ...aPlan(aFee, aShare), title: "Better words" }]),
    );

    expect(reworded.book.versions).toHaveLength(1);
    expect(reworded.book.versions[0]).toMatchObject({ since: 0, plan: { title: "Better words" } });
  });

  it("keep a plan that left the product, and say so", async () => {
    const { open } = aBook();
    await open(BEGUN, product([percent("20"), { ...aPlan(aFee), id: "old" }]));

    const opened = await open(BEGUN + DAY, product([percent("20")]));

    expect(opened.book.versions.map(({ plan }) => plan.id)).toEqual(["plan", "old"]);
    expect(opened.notes).toEqual([
      `The plan "old" is not in the product any more: licenses that have it are charged as it was last.`,
    ]);
  });

  it("agree among processes that start at once", async () => {
    const { open } = aBook();
    await open(BEGUN, product([percent("20")]));

    const opened = await Promise.all(
      ["15", "15", "15"].map((text) => open(BEGUN + HOUR, product([percent(text)]))),
    );

    for (const one of opened) expect(one.book).toEqual(opened[0]!.book);
    expect(versionsOf(opened[0]!)).toHaveLength(2);
  });
});

describe("A charge id", () => {
  const reused: [string, Charge][] = [
    ["another kind", { ...aFee, id: aShare.id, dimension: aShare.dimension }],
    ["another dimension", { ...aShare, dimension: "fee" }],
  ];
  it.each(reused)("that named another charge is refused with %s", async (_, charge) => {
    const { start, open, planBook } = aBook();
    const { book } = await open(BEGUN, product([aPlan(aShare)]));

    const opened = await start(BEGUN + DAY, product([aPlan(charge)]));

    expect(opened).toMatchObject({ kind: "refused" });
    expect(opened.kind === "refused" && opened.problems.join()).toContain(
      `The charge "share" was percentageOfCost on "cents" and is now`,
    );
    expect(await planBook.read()).toEqual(book);
  });

  it("that left long ago is refused too, in whatever plan it comes back", async () => {
    const { start, open } = aBook();
    await open(BEGUN, product([aPlan(aShare)]));
    await open(BEGUN + DAY, product([aPlan()]));

    const opened = await start(
      BEGUN + 9 * DAY,
      product([aPlan(), { ...aPlan({ ...aFee, id: aShare.id }), id: "other" }]),
    );

    expect(opened.kind).toBe("refused");
  });

  it("that never counted can be used for something else", async () => {
    const { open } = aBook();
    await open(BEGUN, product([aPlan()]));
    await open(BEGUN + HOUR, product([aPlan(aShare)]));

    const opened = await open(BEGUN + 2 * HOUR, product([aPlan({ ...aShare, dimension: "fee" })]));

    expect(opened.book.versions.at(-1)?.plan.charges[0]?.dimension).toBe("fee");
  });
});

describe("A remembered price", () => {
  const steps = (opened: { book: { prices: { dimensions: readonly { steps: unknown }[] } } }) =>
    opened.book.prices.dimensions[0]?.steps;

  it("that is edited without a date counts from the next full hour, and says so", async () => {
    const { open } = aBook();
    await open(BEGUN, product([]));

    const edited = await open(BEGUN + DAY, product([], "0.02"));
    const later = await open(BEGUN + 2 * DAY, product([], "0.020"));

    expect(steps(edited)).toEqual([
      { from: 0, unitPrice: "0.01" },
      { from: at("2026-03-11T15:00:00Z"), unitPrice: "0.02" },
    ]);
    expect(edited.notes.join()).toContain(
      `"cents" was 0.01 USD and is 0.02 USD without a date (priceChanges): it counts from 2026-03-11T15:00:00.000Z`,
    );
    expect(steps(later)).toEqual(steps(edited));
    expect(later.notes).toEqual([]);
  });

  it("follows a dated change to the hour, silently, also when the old price is dropped later", async () => {
    const { open } = aBook();
    const from = "2026-05-01T00:00:00Z";
    const dated = {
      plans: [],
      listing: { dimensions: [{ ...CENTS, priceChanges: [{ from, unitPrice: "0.02" }] }, FEE] },
    };
    const expected = [
      { from: 0, unitPrice: "0.01" },
      { from: at(from), unitPrice: "0.02" },
    ];
    await open(BEGUN, product([]));

    const announced = await open(BEGUN + DAY, dated);
    const after = await open(at(from) + DAY, product([], "0.02"));

    expect([steps(announced), announced.notes]).toEqual([expected, []]);
    expect([steps(after), after.notes]).toEqual([expected, []]);
  });

  it("can't be changed for the past by a date in the past", async () => {
    const { open } = aBook();
    await open(BEGUN, product([]));

    const opened = await open(BEGUN + DAY, {
      plans: [],
      listing: {
        dimensions: [
          { ...CENTS, priceChanges: [{ from: "2026-03-01T00:00:00Z", unitPrice: "0.5" }] },
          FEE,
        ],
      },
    });

    expect(steps(opened)).toEqual([
      { from: 0, unitPrice: "0.01" },
      { from: at("2026-03-11T15:00:00Z"), unitPrice: "0.5" },
    ]);
    expect(opened.notes).toHaveLength(1);
  });

  it("drops a dated change that is taken back before its day", async () => {
    const { open } = aBook();
    await open(BEGUN, {
      plans: [],
      listing: {
        dimensions: [
          { ...CENTS, priceChanges: [{ from: "2026-05-01T00:00:00Z", unitPrice: "0.5" }] },
        ],
      },
    });

    const opened = await open(BEGUN + DAY, product([]));

    expect([steps(opened), opened.notes]).toEqual([[{ from: 0, unitPrice: "0.01" }], []]);
  });

  it("stays when its dimension left the product", async () => {
    const { open } = aBook();
    await open(BEGUN, product([]));

    const opened = await open(BEGUN + DAY, { plans: [], listing: { dimensions: [FEE] } });

    expect(steps(opened)).toEqual([{ from: 0, unitPrice: "0.01" }]);
    expect(opened.notes.join()).toContain("what is still owed on it is billed at the last one");
  });
});

describe("A remembered offer", () => {
  const offer: ListedOffer = {
    offerId: "offer-1",
    unitPrices: { cents: "0.005" },
    freeTrialDays: 30,
  };
  const offersOf = (opened: { book: { prices: { offers: unknown } } }) => opened.book.prices.offers;

  it("keeps its trial, and since when it was known", async () => {
    const { open } = aBook();
    await open(BEGUN, product([], "0.01", [offer]));

    const longer = await open(BEGUN + DAY, product([], "0.01", [{ ...offer, freeTrialDays: 60 }]));

    expect(offersOf(longer)).toMatchObject([{ freeTrialDays: 30, trialKnownSince: BEGUN }]);
    expect(longer.notes.join()).toContain("told as 30 days and is now 60 days");
  });

  it("keeps its price when it leaves the product, and follows a new one from the next hour", async () => {
    const { open } = aBook();
    await open(BEGUN, product([], "0.01", [offer]));

    const dearer = await open(
      BEGUN + DAY,
      product([], "0.01", [{ ...offer, unitPrices: { cents: "0.006" } }]),
    );
    const gone = await open(BEGUN + 2 * DAY, product([]));

    const steps = [
      { from: 0, unitPrice: "0.005" },
      { from: at("2026-03-11T15:00:00Z"), unitPrice: "0.006" },
    ];
    expect(offersOf(dearer)).toMatchObject([{ prices: [{ dimension: "cents", steps }] }]);
    expect(dearer.notes.join()).toContain(`"cents" in offer offer-1 was 0.005 USD`);
    expect(offersOf(gone)).toEqual(offersOf(dearer));
    expect(gone.notes.join()).toContain("keep its prices");
  });
});
