import { parse } from "csv-parse/sync";
import { readFileSync } from "node:fs";
import { exact } from "./run-launchmeter.ts";

/** Columns as real exports have them, in an order of their own, with some we don't know. */
const COLUMNS = [
  "Id",
  "BilledCost",
  "BillingCurrency",
  "ChargeCategory",
  "ChargePeriodStart",
  "EffectiveCost",
  "ProviderName",
  "PublisherName",
  "RegionId",
  "ServiceName",
  "SubAccountId",
  "Tags",
] as const;

export type FocusRow = Readonly<Partial<Record<(typeof COLUMNS)[number], string>>>;

export const COUNTED_ACCOUNT = "210987654321";

const ordinary = {
  BillingCurrency: "USD",
  ChargeCategory: "Usage",
  ProviderName: "AWS",
  PublisherName: "Amazon Web Services, Inc.",
  RegionId: "NULL",
  ServiceName: "Amazon Simple Storage Service",
  SubAccountId: COUNTED_ACCOUNT,
  Tags: "NULL",
};

export function focusText(rows: readonly FocusRow[]): string {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const lines = rows.map((row, index) => {
    const all: FocusRow = { ...ordinary, Id: `${index}`, EffectiveCost: row.BilledCost, ...row };
    return COLUMNS.map((column) => quoted(all[column] ?? "NULL")).join(",");
  });
  return `\uFEFF${[COLUMNS.join(","), ...lines, ""].join("\r\n")}`;
}

/** Two months of what a bill can hold; only some of it counts for a share of BilledCost. */
export const madeRows: readonly FocusRow[] = [
  { ChargePeriodStart: "2026-02-01T00:00:00Z", BilledCost: "12.34567890123" },
  { ChargePeriodStart: "2026-02-01T23:00:00Z", BilledCost: "7.0E-10", EffectiveCost: "0" },
  { ChargePeriodStart: "2026-02-02 05:00:00", BilledCost: "1.5e1", EffectiveCost: "9.9" },
  {
    ChargePeriodStart: "2026-02-11T00:00:00Z",
    BilledCost: "3.30000000009",
    ServiceName: "Amazon Simple Queue Service",
    Tags: '{" stray key ": "x", "application": "orders"}',
  },
  { ChargePeriodStart: "2026-02-12T00:00:00Z", BilledCost: "-2.5", ChargeCategory: "Credit" },
  { ChargePeriodStart: "2026-02-12T00:00:00Z", BilledCost: "4.75", ChargeCategory: "Purchase" },
  { ChargePeriodStart: "2026-02-14T00:00:00Z", BilledCost: "-0.75", ChargeCategory: "Adjustment" },
  {
    ChargePeriodStart: "2026-02-15T00:00:00Z",
    BilledCost: "99.99",
    PublisherName: "Example Software GmbH",
    ServiceName: "Example Monitoring",
  },
  { ChargePeriodStart: "2026-02-15T00:00:00Z", BilledCost: "1000", SubAccountId: "333344445555" },
  {
    ChargePeriodStart: "2026-02-16T00:00:00Z",
    BilledCost: "n/a",
    BillingCurrency: "EUR",
    ProviderName: "Another Cloud",
    PublisherName: "Another Cloud",
  },
  { ChargePeriodStart: "2026-02-20T00:00:00Z", BilledCost: "0.00000080000" },
  { ChargePeriodStart: "2026-02-28T23:00:00Z", BilledCost: "0.0000160599" },
  { ChargePeriodStart: "2026-02-28T00:00:00Z", BilledCost: "3.19", ChargeCategory: "Tax" },
  { ChargePeriodStart: "2026-03-01T00:00:00Z", BilledCost: "8.00100000001" },
  { ChargePeriodStart: "2026-03-17T12:00:00Z", BilledCost: "0.9999999999999" },
  { ChargePeriodStart: "2026-03-30T00:00:00Z", BilledCost: "5E-9" },
];

/**
 * What a share of BilledCost counts of one account, by month, in 10⁻⁴⁰ USD; written here once
 * more, from the rule alone: usage and purchases that AWS itself sold, nothing else.
 */
export function countedByMonth(file: string, account?: string): ReadonlyMap<string, bigint> {
  const rows = parse<FocusRow>(readFileSync(file, "utf8"), { columns: true, bom: true });
  const sums = new Map<string, bigint>();
  for (const row of rows) {
    const { BilledCost = "", ChargePeriodStart = "", ChargeCategory = "" } = row;
    if (row.ProviderName !== "AWS") continue;
    if (account !== undefined && row.SubAccountId !== account) continue;
    const sold = /^(Amazon|AWS)/.test(row.PublisherName ?? "");
    if (!sold || ChargeCategory === "Tax" || ChargeCategory === "Credit") continue;
    const amount = exact(BilledCost);
    if (ChargeCategory === "Adjustment" && amount < 0n) continue;
    const month = ChargePeriodStart.slice(0, 7);
    sums.set(month, (sums.get(month) ?? 0n) + amount);
  }
  return sums;
}
