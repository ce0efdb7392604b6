import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";
import { onTestFinished } from "vitest";
import type { CostMetric, CostScope } from "../../metering/domain/charges.ts";
import { dataExportSource } from "../../metering/adapters/cost-exports/data-export-source.ts";
import { folderFiles } from "../../metering/adapters/cost-exports/folder-files.ts";
import type { CostReading, CostRequest } from "../../metering/ports.ts";
import { aDeployment, BUYER } from "./fixtures.ts";

export const TAG_KEY = "launchmeter:deployment";
export const TAG = "5ac0e1d0-0000-4000-8000-000000000001";

export type Row = Readonly<Record<string, string>>;

/** A row of FOCUS 1.2 as AWS writes it. */
export function aFocusRow(over: Row = {}): Row {
  return {
    BilledCost: "1.5",
    EffectiveCost: over["BilledCost"] ?? "1.5",
    BillingAccountId: "999988887777",
    BillingCurrency: "USD",
    ChargeCategory: "Usage",
    ChargeDescription: "$0.10 per hour, on demand",
    ChargePeriodStart: "2026-03-05T10:00:00Z",
    InvoiceId: "",
    ProviderName: "AWS",
    PublisherName: "Amazon Web Services, Inc.",
    SubAccountId: BUYER,
    Tags: "",
    ...over,
  };
}

/** A row of CUR 2.0. */
export function aCurRow(over: Row = {}): Row {
  return {
    bill_billing_entity: "AWS",
    bill_invoice_id: "",
    identity_line_item_id: "same-for-all",
    line_item_currency_code: "USD",
    line_item_line_item_type: "Usage",
    line_item_unblended_cost: "1.5",
    line_item_usage_account_id: BUYER,
    line_item_usage_start_date: "2026-03-05T10:00:00.000Z",
    resource_tags: "{}",
    tags: "{}",
    ...over,
  };
}

export const tagged = (key = TAG_KEY, value = TAG) => JSON.stringify({ env: "prod", [key]: value });

/** RFC 4180; the columns are those of the first row. */
export function csvText(rows: readonly Row[], lineEnd = "\n"): string {
  const columns = Object.keys(rows[0] ?? {});
  const quoted = (text: string) =>
    /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const lines = rows.map((row) => columns.map((column) => quoted(row[column] ?? "")).join(","));
  return [columns.join(","), ...lines, ""].join(lineEnd);
}

/** The same as AWS's Parquet: costs are doubles, times are timestamps, tags are maps. */
export function parquetBytes(rows: readonly Row[], rowGroupSize = 2): Buffer {
  const columns = Object.keys(rows[0] ?? {});
  const kinds = columns.map((name) =>
    /Cost$|_cost$/.test(name)
      ? "cost"
      : /Start$|_start_date$/.test(name)
        ? "time"
        : /^(?:Tags|tags|resource_tags)$/.test(name)
          ? "map"
          : "text",
  );
  const optional = { repetition_type: "OPTIONAL" } as const;
  const text = { type: "BYTE_ARRAY", converted_type: "UTF8" } as const;
  const schema = columns.flatMap((name, index): Record<string, unknown>[] => {
    const kind = kinds[index];
    if (kind === "cost") return [{ name, type: "DOUBLE", ...optional }];
    if (kind === "time") {
      return [{ name, type: "INT64", converted_type: "TIMESTAMP_MILLIS", ...optional }];
    }
    if (kind !== "map") return [{ name, ...text, ...optional }];
    return [
      { name, converted_type: "MAP", num_children: 1, ...optional },
      { name: "key_value", num_children: 2, repetition_type: "REPEATED" },
      { name: "key", ...text, repetition_type: "REQUIRED" },
      { name: "value", ...text, ...optional },
    ];
  });
  const value = (text: string, kind: string | undefined): unknown => {
    if (kind === "cost") return text === "" ? null : Number(text);
    if (kind === "time") return new Date(text);
    if (kind === "map") return JSON.parse(text === "" ? "{}" : text);
    return text === "" ? null : text;
  };
  const bytes = parquetWriteBuffer({
    schema: [{ name: "root", num_children: columns.length }, ...schema] as never,
    columnData: columns.map((name, index) => ({
      name,
      data: rows.map((row) => value(row[name] ?? "", kinds[index])),
    })),
    rowGroupSize,
  });
  return Buffer.from(bytes);
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "launchmeter-exports-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A folder with these files; a later call replaces what it names. */
export function writeFiles(
  folder: string,
  files: Readonly<Record<string, string | Buffer>>,
  at?: number,
): string {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    if (at !== undefined) utimesSync(path, at / 1000, at / 1000);
  }
  return folder;
}

/** One delivery as AWS lays it out: data below `data/`, then a manifest that names it. */
export function delivery(
  month: string,
  rows: readonly Row[],
  { execution = "", suffix = "" }: { execution?: string; suffix?: string } = {},
): Record<string, Buffer> {
  const data = `data/BILLING_PERIOD=${month}/${execution}cost-00001${suffix}.csv.gz`;
  const manifest = {
    executionId: "4a1d",
    dataFiles: [`s3://their-bucket/their/prefix/cost/${data}`],
  };
  return {
    [`cost/${data}`]: gzipSync(csvText(rows)),
    [`cost/metadata/BILLING_PERIOD=${month}/${execution}cost-Manifest.json`]: Buffer.from(
      JSON.stringify(manifest),
    ),
  };
}

export const aRequest = {
  deployment: aDeployment({ stackId: `arn:aws:cloudformation:eu-west-1:${BUYER}:stack/p/${TAG}` }),
  metric: "BilledCost" as CostMetric,
  scope: "account" as CostScope,
  from: "2026-03-01",
  to: "2026-04-01",
} satisfies CostRequest;

export function exportSource(folder: string) {
  return dataExportSource({
    filesFor: () => folderFiles(folder),
    costTagKey: TAG_KEY,
    stack: async () => "unknown",
  });
}

/** What a reading says of one day; the problem's words when it can't be read. */
export function dayOf(reading: CostReading, day: string): unknown {
  return reading.kind === "read" ? reading.days[day]?.usd : `${reading.reason}: ${reading.message}`;
}

/** Reads rows written as one CSV file. */
export async function readRows(rows: readonly Row[], over: Partial<CostRequest> = {}) {
  const folder = writeFiles(temporaryFolder(), { "cost.csv": csvText(rows) });
  return exportSource(folder).read({ ...aRequest, ...over });
}
