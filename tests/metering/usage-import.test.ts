import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { memoryLicenses, noLicenses } from "../../metering/adapters/memory-licenses.ts";
import {
  importUsage,
  type ImportSummary,
  readOnly,
} from "../../scripts/usage-import/import-usage.ts";
import { type ImportLine, openInput, readLines } from "../../scripts/usage-import/read-lines.ts";
import { aLicense, anEvent, aUsageWorld, LICENSE_ID, METER } from "./usage-world.ts";

async function read(text: string | readonly string[]): Promise<ImportLine[]> {
  const chunks = (typeof text === "string" ? [text] : text).map((each) => Buffer.from(each));
  const lines: ImportLine[] = [];
  for await (const line of readLines(Readable.from(chunks))) lines.push(line);
  return lines;
}

const HEADER = "id,time,meter,quantity";
const row = (id: string, over = "2026-03-01T13:05:00Z,video_minutes,1.5") => `${id},${over}`;

/** An import into a world of memory; answers summary and problems. */
async function importInto(
  world: ReturnType<typeof aUsageWorld>,
  text: string,
  over: { licenseId?: string | undefined; dryRun?: boolean } = {},
) {
  const licenses = memoryLicenses({ data: noLicenses(), shards: 1 });
  await licenses.update(LICENSE_ID, () => world.license);
  const problems: string[] = [];
  const progress: ImportSummary[] = [];
  const summary = await importUsage(
    {
      clock: { now: () => world.now },
      usageStore: over.dryRun === true ? readOnly(world.store) : world.store,
      meters: new Set([METER]),
      licenses,
      problem: (line, kind, message) => problems.push(`${line} ${kind} ${message}`),
      progress: (each) => progress.push(each),
    },
    readLines(Readable.from([Buffer.from(text)])),
    { licenseId: "licenseId" in over ? over.licenseId : LICENSE_ID },
  );
  return { summary, problems, progress };
}

describe("a CSV file", () => {
  it("becomes the CloudEvents that its rows stand for, with their lines", async () => {
    const lines = await read(`\uFEFF${HEADER},source\r\n"e,1",t,m,"1"\r\n\r\ne2,t,m,2,/s\r\n`);

    expect(lines).toEqual([
      {
        kind: "unreadable",
        line: 2,
        message: "it has 4 columns, the first line 5.",
      },
      {
        kind: "event",
        line: 4,
        event: {
          specversion: "1.0",
          id: "e2",
          source: "/s",
          type: "import.usage.m",
          time: "t",
          data: { quantity: "2" },
        },
      },
    ]);
  });

  it("is read the same however it is cut into pieces", async () => {
    const text = `\uFEFF${HEADER}\n"é,1",2026-03-01T13:05:00Z,video_minutes,1.5\n${row("e2")}\n`;
    const bytes = Buffer.from(text);
    const whole = await read(text);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const lines: ImportLine[] = [];
      const chunks = [bytes.subarray(0, cut), bytes.subarray(cut)];
      for await (const line of readLines(Readable.from(chunks))) lines.push(line);
      expect(lines).toEqual(whole);
    }
    expect(whole).toHaveLength(2);
  });

  it("without a needed column is refused in a sentence that names it", async () => {
    await expect(read("id,time,quantity\n1,2,3")).rejects.toThrow(/meter is missing/);
    await expect(read("1,2026-03-01T13:05:00Z,m,5")).rejects.toThrow(/has to name the columns/);
  });

  it("that is empty has no lines", async () => {
    for (const text of ["", "\n \n", HEADER, `\uFEFF`]) expect(await read(text)).toEqual([]);
  });

  it("with a broken row loses that row alone", async () => {
    const lines = await read(`${HEADER}\n${row("1")}\nx"y,1,2,3\n${row("3")}\n`);
    expect(lines.map(({ kind, line }) => `${line} ${kind}`).sort()).toEqual([
      ...["2 event", "3 unreadable", "4 event"],
    ]);
  });
});

describe("a file of JSON lines", () => {
  it("is read line by line, and a line that is no JSON is told", async () => {
    const event = anEvent();
    const lines = await read(`${JSON.stringify(event)}\r\n\n{"a":\n${" ".repeat(3)}\n[1]`);

    expect(lines).toMatchObject([
      { kind: "event", line: 1, event },
      { kind: "unreadable", line: 3, message: expect.stringContaining("not JSON") as string },
      { kind: "event", line: 5, event: [1] },
    ]);
  });

  it("loses a line that is longer than any event", async () => {
    const [line] = await read(`{"id": "${"x".repeat(100_000)}"}`);
    expect(line).toMatchObject({ kind: "unreadable", line: 1 });
  });
});

it.each([
  ["/nowhere/usage.csv", /^\/nowhere\/usage\.csv can't be read: ENOENT/],
  [".", /^\. is a folder\./],
])("says of %s that it can't be read", async (file, sentence) => {
  await expect(openInput(file, Readable.from([]))).rejects.toThrow(sentence);
});

it("reads standard input for a hyphen", async () => {
  const stdin = Readable.from([Buffer.from(HEADER)]);
  expect(await openInput("-", stdin)).toBe(stdin);
});

describe("an import", () => {
  it("obeys the same rules as what deployments send, line by line", async () => {
    const world = aUsageWorld();
    await world.record({ ...anEvent({ id: "known" }), source: "urn:launchmeter:import" });
    const text = [
      HEADER,
      row("1"),
      row("1"),
      row("1", "2026-03-01T13:05:00Z,video_minutes,9"),
      row("known"),
      row("4", "2025-12-01T00:00:00Z,video_minutes,1"),
      row("5", "2026-03-01T13:05:00Z,seats,1"),
      row("6", "2026-03-02T13:05:00Z,video_minutes,1"),
      row("7", "2026-03-01T13:05:00Z,video_minutes,-1"),
      "8,2026-03-01T13:05:00Z",
    ].join("\n");

    const { summary, problems } = await importInto(world, text);

    expect(summary).toEqual({
      lines: 9,
      accepted: 1,
      duplicate: 1,
      refused: {
        ...{ conflict: 2, "outside-license": 1, "unknown-meter": 1, "too-early": 1, invalid: 2 },
      },
    });
    // Verdicts of a batch come when it is full; what can't even be read is told at once.
    expect(problems.map((problem) => problem.split(" ").slice(0, 2).join(" "))).toEqual([
      ...["10 invalid", "4 conflict", "5 conflict", "6 outside-license", "7 unknown-meter"],
      ...["8 too-early", "9 invalid"],
    ]);
    expect(await world.hours()).toEqual({ "2026-03-01T13": "2.5" });
  });

  it("that is run again is nothing but duplicates, also where it was interrupted", async () => {
    const world = aUsageWorld();
    const rows = Array.from({ length: 1_200 }, (_, n) => row(`e${n}`));
    await importInto(world, [HEADER, ...rows.slice(0, 700)].join("\n"));

    const { summary, progress } = await importInto(world, [HEADER, ...rows].join("\n"));

    expect(summary).toEqual({ lines: 1_200, accepted: 500, duplicate: 700, refused: {} });
    expect(progress.map(({ lines }) => lines)).toEqual([1, 500, 1_000, 1_200]);
    expect(await world.hours()).toEqual({ "2026-03-01T13": "1800" });
  });

  it("stops when the store fails, and goes on from there", async () => {
    const world = aUsageWorld();
    let puts = 0;
    const failing = {
      ...world.store,
      put: async (event: Parameters<typeof world.store.put>[0]) => {
        puts += 1;
        if (puts > 600) throw new Error("the store is away");
        return world.store.put(event);
      },
    };
    const text = [HEADER, ...Array.from({ length: 1_000 }, (_, n) => row(`e${n}`))].join("\n");
    await expect(importInto({ ...world, store: failing }, text)).rejects.toThrow("store is away");

    const { summary } = await importInto(world, text);

    expect(summary.accepted + summary.duplicate).toBe(1_000);
    expect(await world.hours()).toEqual({ "2026-03-01T13": "1500" });
  });

  it("goes to the license that a line names, before the one of the command line", async () => {
    const world = aUsageWorld();
    const arn = aLicense().licenseArn;
    const text = [
      `${HEADER},license`,
      `${row("1")},${arn}`,
      `${row("2")},`,
      `${row("3")},l-${"0".repeat(32)}`,
      `${row("4")},nonsense`,
    ].join("\n");

    const { summary, problems } = await importInto(world, text);
    expect(summary).toMatchObject({ accepted: 2, refused: { "unknown-license": 2 } });
    expect(problems.join("\n")).toMatch(/4 unknown-license the license "l-0+" is not known here/);

    const without = await importInto(aUsageWorld(), text, { licenseId: undefined });
    expect(without.summary).toMatchObject({ accepted: 1, refused: { "unknown-license": 3 } });
    expect(without.problems.join("\n")).toContain("3 unknown-license no license is named");
  });

  it("that is only tried judges every line and records nothing", async () => {
    const world = aUsageWorld();
    await importInto(world, `${HEADER}\n${row("1")}`);
    const text = [HEADER, row("1"), row("2"), row("3", "x,video_minutes,1")].join("\n");

    const { summary } = await importInto(world, text, { dryRun: true });

    expect(summary).toMatchObject({ accepted: 1, duplicate: 1, refused: { invalid: 1 } });
    expect(await world.hours()).toEqual({ "2026-03-01T13": "1.5" });
    expect((await importInto(world, text)).summary).toMatchObject({ accepted: 1, duplicate: 1 });
  });
});
