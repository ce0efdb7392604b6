import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { dataExportSource } from "../../metering/adapters/cost-exports/data-export-source.ts";
import type { ExportFiles } from "../../metering/adapters/cost-exports/export-files.ts";
import { folderFiles } from "../../metering/adapters/cost-exports/folder-files.ts";
import {
  aFocusRow,
  aRequest,
  dayOf,
  delivery,
  exportSource,
  readRows,
  TAG_KEY,
  tagged,
  temporaryFolder,
  writeFiles,
} from "./cost-files.ts";
import { aDeployment, at } from "./fixtures.ts";

const usage = (usd: string, day = "2026-03-05") =>
  aFocusRow({ BilledCost: usd, ChargePeriodStart: `${day}T00:00:00Z` });

describe("deliveries of an export", () => {
  const overdue = { ...aRequest, costIsOverdue: true };

  it("replace one another, whether they overwrite or come beside", async () => {
    const folder = temporaryFolder();
    const source = exportSource(folder);
    const read = async () => dayOf(await source.read(aRequest), "2026-03-05");
    writeFiles(folder, delivery("2026-03", [usage("1")]), at("2026-03-06T00:00:00Z"));
    const first = await read();
    writeFiles(folder, delivery("2026-03", [usage("2")]), at("2026-03-07T00:00:00Z"));
    const overwritten = await read();
    const newer = delivery("2026-03", [usage("3")], { execution: "20260308-4a1d/" });
    writeFiles(folder, newer, at("2026-03-08T00:00:00Z"));

    expect([first, overwritten, await read()]).toEqual([
      { Usage: "1" },
      { Usage: "2" },
      { Usage: "3" },
    ]);
  });

  it("count the newest day reported of any account, and none after it", async () => {
    const folder = temporaryFolder();
    const other = aFocusRow({
      SubAccountId: "000000000000",
      ChargePeriodStart: "2026-03-07T00:00:00Z",
    });
    writeFiles(folder, delivery("2026-03", [usage("1"), other]));
    const reading = await exportSource(folder).read(aRequest);

    if (reading.kind !== "read") throw new Error(reading.message);
    expect(Object.keys(reading.days).at(-1)).toBe("2026-03-07");
    expect(reading.days["2026-03-06"]).toEqual({ estimated: true, usd: {} });
  });

  it("put a correction on the day that it corrects, also when a later bill holds it", async () => {
    const folder = temporaryFolder();
    writeFiles(folder, delivery("2026-03", [usage("5")]));
    writeFiles(folder, delivery("2026-04", [usage("-2"), usage("1", "2026-04-01")]));
    const reading = await exportSource(folder).read({ ...aRequest, to: "2026-05-01" });

    expect(dayOf(reading, "2026-03-05")).toEqual({ Usage: "3" });
    expect(dayOf(reading, "2026-04-01")).toEqual({ Usage: "1" });
  });

  it("are never a month without cost because its files are not there", async () => {
    const folder = writeFiles(temporaryFolder(), delivery("2026-04", [usage("1", "2026-04-01")]));
    const reading = await exportSource(folder).read({ ...aRequest, to: "2026-05-01" });

    expect(dayOf(reading, "")).toMatch(/^no-data: .*no finished delivery of 2026-03/);
  });

  it("of two exports are never counted together", async () => {
    const folder = temporaryFolder();
    writeFiles(folder, delivery("2026-03", [usage("1")]));
    const second = Object.entries(delivery("2026-03", [usage("1")]));
    writeFiles(folder, Object.fromEntries(second.map(([name, file]) => [`other/${name}`, file])));

    expect(dayOf(await exportSource(folder).read(aRequest), "")).toMatch(
      /^bad-data: .* holds 2 exports \((?:cost, other\/cost|other\/cost, cost)\)/,
    );
  });

  it("without the account that should be in them are told of, once its cost is overdue", async () => {
    const folder = writeFiles(
      temporaryFolder(),
      delivery("2026-03", [aFocusRow({ SubAccountId: "000000000000" })]),
    );
    const source = exportSource(folder);

    expect(dayOf(await source.read(overdue), "")).toMatch(/^no-data: .*no row of account 1111/);
    expect((await source.read(aRequest)).kind).toBe("read");
  });

  it("show that the cost tag isn't activated, or is and shows nothing for this one", async () => {
    const byTag = { ...overdue, scope: "tag" } as const;
    const inactive = await readRows([usage("1")], byTag);
    const active = await readRows([{ ...usage("1"), Tags: tagged(TAG_KEY, "another") }], byTag);
    const noColumn = await readRows([(({ Tags: _, ...row }) => row)(usage("1"))], byTag);

    expect(inactive).toMatchObject({ kind: "unreadable", reason: "tag-inactive" });
    expect(active).toMatchObject({ kind: "read", tagIsActive: true });
    expect(dayOf(noColumn, "")).toMatch(/^bad-data: .*no column of tags/);
  });

  it("are read once for all deployments, and again when anything in them changed", async () => {
    const folder = writeFiles(
      temporaryFolder(),
      delivery(
        "2026-03",
        [1, 2, 3].map((n) => ({ ...usage(`${n}`), Tags: tagged(TAG_KEY, `${n}`) })),
      ),
    );
    let opened = 0;
    const counting = (files: ExportFiles): ExportFiles => ({
      ...files,
      open(file) {
        if (file.path.includes("/data/")) opened += 1;
        return files.open(file);
      },
    });
    const source = dataExportSource({
      filesFor: () => counting(folderFiles(folder)),
      costTagKey: TAG_KEY,
      stack: async () => "unknown",
    });
    const readAll = () =>
      Promise.all(
        ["1", "2", "3", "1"].map((costTag) =>
          source.read({ ...aRequest, scope: "tag", deployment: aDeployment({ costTag }) }),
        ),
      );
    const readings = await readAll();
    await readAll();

    expect(readings.map((reading) => dayOf(reading, "2026-03-05"))).toEqual(
      ["1", "2", "3", "1"].map((Usage) => ({ Usage })),
    );
    expect(opened).toBe(1);
    writeFiles(folder, delivery("2026-03", [usage("4")]), at("2026-03-09T00:00:00Z"));
    await readAll();
    expect(opened).toBe(2);
  });

  it("that are nowhere are told of in words", async () => {
    const reading = await exportSource("/nowhere/at/all").read(aRequest);

    expect(dayOf(reading, "")).toBe(
      "no-data: /nowhere/at/all does not exist. Check the location in product.config.ts.",
    );
  });
});

/** Real bills, where they are; the project ships made ones only. */
const real = (name: string) =>
  fileURLToPath(new URL(`../../../shared/data/${name}`, import.meta.url));
const FOCUS = real("focus-1.0-sample.csv");
const CUR = real("cur-2.0-sample.csv");

describe.runIf(existsSync(FOCUS))("a thousand real rows of FOCUS 1.0", () => {
  it("come to what their columns say for every account of AWS's, and nothing of others'", async () => {
    const { parse } = await import("csv-parse/sync");
    const rows: Record<string, string>[] = parse(readFileSync(FOCUS), { columns: true });
    const source = exportSource(FOCUS);
    const accounts = new Set(rows.map((row) => row["SubAccountId"] ?? ""));
    expect(accounts.size).toBeGreaterThan(60);
    for (const accountId of accounts) {
      const own = rows.filter(
        (row) => row["SubAccountId"] === accountId && row["ProviderName"] === "AWS",
      );
      const request = {
        ...aRequest,
        deployment: aDeployment({ accountId }),
        from: "2024-09-01",
        to: "2024-10-01",
      };
      const reading = await source.read(request);

      // 11 decimals in every row of this file.
      const units = own.reduce(
        (sum, row) => sum + BigInt((row["BilledCost"] ?? "").replace(".", "")),
        0n,
      );
      expect(sumOf(reading, 11)).toBe(units);
    }
  });
});

describe.runIf(existsSync(CUR))("three hundred real rows of CUR 2.0", () => {
  it("come to the usage and the credits that the file adds up to", async () => {
    const request = {
      ...aRequest,
      deployment: aDeployment({ accountId: "111122223333" }),
      from: "2026-04-01",
      to: "2026-05-01",
    };
    const reading = await exportSource(CUR).read(request);

    if (reading.kind !== "read") throw new Error(reading.message);
    const of = (category: "Usage" | "Credit") =>
      sumOf({ ...reading, days: only(reading.days, category) }, 10);
    expect(of("Usage")).toBe(62083028038n);
    expect(of("Credit")).toBe(-79295199796n);
  });
});

type Reading = Awaited<ReturnType<ReturnType<typeof exportSource>["read"]>>;
type Days = Extract<Reading, { kind: "read" }>["days"];

function only(days: Days, category: "Usage" | "Credit"): Days {
  return Object.fromEntries(
    Object.entries(days).map(([day, { estimated, usd }]) => [
      day,
      { estimated, usd: { Usage: usd[category] ?? "0" } },
    ]),
  );
}

/** In units of so many decimals; throws when that loses any. */
function sumOf(reading: Reading, decimals: number): bigint {
  if (reading.kind !== "read") throw new Error(reading.message);
  return Object.values(reading.days)
    .flatMap(({ usd }) => Object.values(usd))
    .reduce((sum, text) => {
      const [whole = "", fraction = ""] = text.replace("-", "").split(".");
      if (fraction.length > decimals) throw new RangeError(text);
      const digits = BigInt(whole + fraction.padEnd(decimals, "0"));
      return sum + (text.startsWith("-") ? -digits : digits);
    }, 0n);
}
