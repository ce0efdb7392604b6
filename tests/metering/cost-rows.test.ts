import { describe, expect, it } from "vitest";
import {
  aCurRow,
  aFocusRow,
  csvText,
  dayOf,
  exportSource,
  parquetBytes,
  aRequest,
  readRows,
  type Row,
  tagged,
  temporaryFolder,
  writeFiles,
} from "./cost-files.ts";
import { BUYER } from "./fixtures.ts";

const DAY = "2026-03-05";
const usdOf = async (rows: readonly Row[], over = {}) => dayOf(await readRows(rows, over), DAY);

describe("a row of FOCUS", () => {
  it("keeps every digit, in exponent form, too", async () => {
    const rows = ["0.00000080000", "-7.0E-10", "1.0000000000000000000001"];

    expect(await usdOf(rows.map((BilledCost) => aFocusRow({ BilledCost })))).toEqual({
      Usage: "1.0000007993000000000001",
    });
  });

  it.each([
    ["Usage", "Amazon Web Services EMEA SARL", "2", "Usage"],
    ["Purchase", "Amazon Web Services, Inc.", "2", "Usage"],
    ["Tax", "Amazon Web Services, Inc.", "2", "Tax"],
    ["Credit", "Amazon Web Services, Inc.", "-2", "Credit"],
    ["Adjustment", "Amazon Web Services, Inc.", "-2", "Refund"],
    ["Adjustment", "Amazon Web Services, Inc.", "2", "Usage"],
    ["Usage", "Red Hat Inc.", "2", "Marketplace"],
    ["Tax", "Fernhollow", "2", "Marketplace"],
    ["Usage", "NULL", "2", "Usage"],
  ])("of %s by %s at %s counts as %s", async (ChargeCategory, PublisherName, BilledCost, as) => {
    const row = aFocusRow({ ChargeCategory, PublisherName, BilledCost });

    expect(await usdOf([row])).toEqual({ [as]: BilledCost });
  });

  it("has two views of cost: a purchase is billed at once and effective where it is used", async () => {
    const rows = [
      aFocusRow({ ChargeCategory: "Purchase", BilledCost: "365", EffectiveCost: "0" }),
      aFocusRow({ BilledCost: "0", EffectiveCost: "1" }),
    ];

    expect(await usdOf(rows)).toEqual({ Usage: "365" });
    expect(await usdOf(rows, { metric: "EffectiveCost" })).toEqual({ Usage: "1" });
  });

  it("of another cloud or another account is not counted, whatever it holds", async () => {
    const rows = [
      aFocusRow(),
      aFocusRow({ ProviderName: "Microsoft", BilledCost: "many", ChargePeriodStart: "" }),
      aFocusRow({ SubAccountId: "000000000000", BillingCurrency: "EUR", BilledCost: "many" }),
    ];

    expect(await usdOf(rows)).toEqual({ Usage: "1.5" });
  });

  it("in another currency refuses the account that it is counted for, if it is of an amount", async () => {
    const euros = { BillingCurrency: "EUR" };
    const nothing = await usdOf([aFocusRow(), aFocusRow({ ...euros, BilledCost: "0.000" })]);
    const some = await usdOf([aFocusRow(), aFocusRow(euros)]);

    expect(nothing).toEqual({ Usage: "1.5" });
    expect(some).toMatch(/^not-usd: .* reports EUR on 2026-03-05, and only USD/);
  });

  it.each([
    [{ BilledCost: "1,5" }, /^bad-data: Record 3 of .*cost\.csv: BilledCost is "1,5"/],
    [{ EffectiveCost: "1e999999" }, /EffectiveCost is "1e999999", which is not an amount/],
    [{ BilledCost: "9".repeat(1_000_000) }, /BilledCost is "9{60}", which is not an amount/],
    [{ ChargePeriodStart: "2026-03-05T10:00:00+02:00" }, /is not a time in UTC/],
    [{ ChargePeriodStart: "NULL" }, /ChargePeriodStart is "", which is not a time/],
  ])("that can't be understood refuses the whole account: %o", async (over, message) => {
    expect(await usdOf([aFocusRow(), aFocusRow(over)])).toMatch(message);
  });

  it("of a whole month counts on the first day, of an hour on the hour's day", async () => {
    const reading = await readRows([
      aFocusRow({ ChargePeriodStart: "2026-03-01 00:00:00", BilledCost: "29" }),
      aFocusRow({ ChargePeriodStart: "2026-03-04T23:00:00.000Z" }),
    ]);

    expect(dayOf(reading, "2026-03-01")).toEqual({ Usage: "29" });
    expect(dayOf(reading, "2026-03-04")).toEqual({ Usage: "1.5" });
  });

  it("is final when it stands on an invoice, and the day when all its rows are", async () => {
    const final = { InvoiceId: "2026-77" };
    const reading = await readRows([
      aFocusRow(final),
      aFocusRow({ ...final, ChargePeriodStart: "2026-03-06T00:00:00Z" }),
      aFocusRow({ ChargePeriodStart: "2026-03-06T01:00:00Z" }),
    ]);

    expect(reading).toMatchObject({
      days: { [DAY]: { estimated: false }, "2026-03-06": { estimated: true } },
    });
  });

  it("without an account of its own belongs to the account that is billed", async () => {
    const row = aFocusRow({ SubAccountId: "NULL", BillingAccountId: BUYER });

    expect(await usdOf([row])).toEqual({ Usage: "1.5" });
  });
});

describe("a cost tag", () => {
  const inScope = { scope: "tag" } as const;

  it.each([
    "launchmeter:deployment",
    " launchmeter:deployment ",
    "user:launchmeter:deployment",
    "resourceTags/launchmeter:deployment",
    "resourceTags/user:launchmeter:deployment",
    "user_launchmeter_deployment",
  ])("is found under %j", async (key) => {
    expect(await usdOf([aFocusRow({ Tags: tagged(key) }), aFocusRow()], inScope)).toEqual({
      Usage: "1.5",
    });
    expect(await usdOf([aCurRow({ tags: tagged(key) }), aCurRow()], inScope)).toEqual({
      Usage: "1.5",
    });
    expect(await usdOf([aCurRow({ resource_tags: tagged(key) }), aCurRow()], inScope)).toEqual({
      Usage: "1.5",
    });
  });

  it.each(["accountTag/launchmeter:deployment", "launchmeter", "deployment", "env"])(
    "is not another one, such as %j",
    async (key) => {
      const rows = [aFocusRow({ Tags: tagged(key) }), aFocusRow()];

      expect(await usdOf(rows, inScope)).toEqual({});
    },
  );

  it("is not in text that is no JSON object", async () => {
    const texts = [
      "",
      "NULL",
      "{",
      "[]",
      '"launchmeter:deployment"',
      '{"launchmeter:deployment":1}',
    ];
    const rows = texts.map((Tags) => aFocusRow({ Tags }));

    expect(await usdOf(rows, inScope)).toEqual({});
  });
});

describe("a row of CUR 2.0", () => {
  const cur = async (over: Row, metric = "BilledCost") => usdOf([aCurRow(over)], { metric });
  const type = (name: string) => ({ line_item_line_item_type: name });

  it.each([
    ["Usage", "Usage"],
    ["Tax", "Tax"],
    ["Credit", "Credit"],
    ["Refund", "Refund"],
    ["Fee", "Usage"],
    ["Discount", "Usage"],
    ["BundledDiscount", "Usage"],
    ["SavingsPlanNegation", "Usage"],
    ["FlateRateSubscription", "Usage"],
  ])("of type %s counts as %s", async (name, as) => {
    expect(await cur(type(name))).toEqual({ [as]: "1.5" });
  });

  it("that AWS Marketplace bills is Marketplace's, whatever its type", async () => {
    const over = { ...type("Tax"), bill_billing_entity: "AWS Marketplace" };

    expect(await cur(over)).toEqual({ Marketplace: "1.5" });
  });

  it("is counted again when its line item's id comes again: the id names no row", async () => {
    expect(await usdOf([aCurRow(), aCurRow()])).toEqual({ Usage: "3" });
  });

  it("of a savings plan is billed as AWS bills it, and effective where it was used", async () => {
    const plan = {
      savings_plan_savings_plan_effective_cost: "",
      savings_plan_total_commitment_to_date: "",
      savings_plan_used_commitment: "",
      reservation_effective_cost: "",
      reservation_unused_amortized_upfront_fee_for_billing_period: "",
      reservation_unused_recurring_fee: "",
      reservation_reservation_a_r_n: "",
    };
    const row = (name: string, cost: string, over: Row = {}) =>
      aCurRow({ ...plan, ...type(name), line_item_unblended_cost: cost, ...over });
    const rows = [
      row("Usage", "1"),
      row("SavingsPlanCoveredUsage", "10", { savings_plan_savings_plan_effective_cost: "7" }),
      row("SavingsPlanNegation", "-10"),
      row("SavingsPlanRecurringFee", "8", {
        savings_plan_total_commitment_to_date: "8",
        savings_plan_used_commitment: "7",
      }),
      row("SavingsPlanUpfrontFee", "100"),
      row("DiscountedUsage", "0", { reservation_effective_cost: "3" }),
      row("RIFee", "5", {
        reservation_unused_amortized_upfront_fee_for_billing_period: "0.5",
        reservation_unused_recurring_fee: "0.25",
      }),
      row("Fee", "50", { reservation_reservation_a_r_n: "arn:aws:ec2:…:reserved-instances/1" }),
      row("Fee", "29"),
    ];

    expect(await usdOf(rows)).toEqual({ Usage: "193" });
    // 1 used + 7 covered + (8 − 7) unused + 3 reserved + 0.75 unused + 29 of support.
    expect(await usdOf(rows, { metric: "EffectiveCost" })).toEqual({ Usage: "41.75" });
  });

  it("is effective net of discounts where the account has any", async () => {
    const over = { line_item_net_unblended_cost: "1.2" };

    expect(await cur(over, "EffectiveCost")).toEqual({ Usage: "1.2" });
    expect(await cur(over)).toEqual({ Usage: "1.5" });
  });

  it("that a plan covers is never free because a column was not exported", async () => {
    expect(await cur(type("SavingsPlanCoveredUsage"))).toMatch(
      /^bad-data: .*a row of type SavingsPlanCoveredUsage has no savings_plan_savings_plan_effective_cost/,
    );
  });
});

describe("the file", () => {
  const rows = [
    aFocusRow({ BilledCost: "0.1" }),
    aFocusRow({ BilledCost: "-7.0E-10", ChargeCategory: "Credit" }),
    aFocusRow({ BilledCost: "0.2", Tags: tagged() }),
    aFocusRow({ BilledCost: "", EffectiveCost: "3", InvoiceId: "9" }),
  ];
  const read = async (files: Record<string, string | Buffer>, over = {}) =>
    exportSource(writeFiles(temporaryFolder(), files)).read({ ...aRequest, ...over });

  it("says the same as CSV and as Parquet, for all views", async () => {
    for (const made of [rows, [aCurRow(), aCurRow({ tags: tagged() })]]) {
      for (const over of [{}, { scope: "tag" }, { metric: "EffectiveCost" }]) {
        const csv = await read({ "a.csv": csvText(made) }, over);

        expect(csv).toMatchObject({ kind: "read" });
        expect(await read({ "a.parquet": parquetBytes(made) }, over)).toEqual(csv);
      }
    }
  });

  it("may end its lines like Windows and begin with a byte order mark", async () => {
    const plain = await read({ "a.csv": csvText(rows) });

    expect(await read({ "a.csv": `\uFEFF${csvText(rows, "\r\n")}` })).toEqual(plain);
  });

  it.each([
    ["a row cut off", csvText(rows).slice(0, -20), /ends inside|has 10 columns/],
    ["a row too short", `${csvText(rows)}1,2\n`, /record 6 has 2 columns where the header has 12/],
    ["a row too long", `${csvText(rows)}${",".repeat(12)}\n`, /the header has 12/],
    ["a quote never closed", `${csvText(rows)}"USD,`, /ends inside a record/],
    ["no header", "1,2,3\n", /for FOCUS it lacks BilledCost, .*; for CUR 2\.0 it lacks/],
    ["nothing in it", "", /for FOCUS it lacks BilledCost/],
    [
      "text after a quote",
      csvText(rows).replace(/,USD,/, ',"USD"x,'),
      /text after a closing quote/,
    ],
  ])("with %s is refused whole", async (_, text, message) => {
    expect(dayOf(await read({ "a.csv": text }), DAY)).toMatch(message);
  });

  it("is refused when its gzip is torn, or it is no Parquet", async () => {
    const { gzipSync } = await import("node:zlib");
    const torn = gzipSync(csvText(rows)).subarray(0, 80);
    const noParquet = await read({ "a.parquet": "PAR1 or not" });

    expect(dayOf(await read({ "a.csv.gz": torn }), DAY)).toMatch(
      /^bad-data: The cost file .*a\.csv\.gz/,
    );
    expect(dayOf(noParquet, DAY)).toMatch(/^bad-data: .*is no Parquet file/);
  });
});
