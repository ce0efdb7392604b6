import { describe, expect, it } from "vitest";
import { athenaSource } from "../../metering/adapters/cost-exports/athena-source.ts";
import { costSql, newestDaySql } from "../../metering/adapters/cost-exports/athena-sql.ts";
import { athenaService, type Result } from "./athena-service.ts";
import { aRequest, dayOf, TAG, TAG_KEY } from "./cost-files.ts";
import { BUYER } from "./fixtures.ts";

const TABLE = {
  database: "exports",
  table: "focus",
  format: "focus-1.2",
  workGroup: "launchmeter",
} as const;
const COLUMNS = ["day", "tag", "category", "currency", "is_final", "billed", "effective"];
const row = (over: Partial<Record<string, string>> = {}) =>
  COLUMNS.map(
    (name) =>
      ({
        day: "2026-03-05",
        tag: "",
        category: "Usage",
        currency: "USD",
        is_final: "true",
        billed: "1.5000000000000000",
        effective: "1.0000000000000000",
        ...over,
      })[name] ?? "",
  );

async function aTable(rows: Result, over: { newest?: Result; pageSize?: number } = {}) {
  const { newest = [["2026-03", "2026-03-06"]], pageSize } = over;
  const service = await athenaService({
    workGroup: TABLE.workGroup,
    result: (sql) =>
      sql.includes("MAX(") ? [["billing_period", "newest"], ...newest] : [COLUMNS, ...rows],
    ...(pageSize === undefined ? {} : { pageSize }),
  });
  const source = athenaSource({
    client: service.client,
    table: TABLE,
    costTagKey: TAG_KEY,
    stack: async () => "unknown",
    lookEveryMs: 1,
  });
  return { ...service, source };
}

describe("cost that Athena adds up", () => {
  it("is read in all its pages, by category, tag and day", async () => {
    const rows = [
      row(),
      row({ tag: TAG, billed: "0.25" }),
      row({ category: "Tax", billed: "2", is_final: "false" }),
      row({ day: "2026-03-01", billed: "-1E-7" }),
    ];
    const { source } = await aTable(rows, { pageSize: 2 });

    expect(await source.read(aRequest)).toMatchObject({
      kind: "read",
      days: {
        "2026-03-01": { estimated: false, usd: { Usage: "-0.0000001" } },
        "2026-03-02": { estimated: true, usd: {} },
        "2026-03-05": { estimated: true, usd: { Usage: "1.75", Tax: "2" } },
        "2026-03-06": { usd: {} },
      },
    });
    const byTag = await source.read({ ...aRequest, scope: "tag" });
    expect(dayOf(byTag, "2026-03-05")).toEqual({ Usage: "0.25" });
  });

  it("is refused in another currency, and told of when a month is missing", async () => {
    const euros = await aTable([row({ currency: "EUR" })]);
    const late = await aTable([], { newest: [["2026-04", "2026-04-02"]] });
    const nothing = await aTable([], { newest: [] });

    expect(dayOf(await euros.source.read(aRequest), "")).toMatch(/^not-usd: /);
    expect(dayOf(await late.source.read(aRequest), "")).toMatch(/^no-data: .*no rows of 2026-03/);
    expect(dayOf(await nothing.source.read(aRequest), "")).toMatch(/^no-data: /);
  });

  it("shows that a tag isn't activated", async () => {
    const { source } = await aTable([row()]);
    const reading = await source.read({ ...aRequest, scope: "tag", costIsOverdue: true });

    expect(reading).toMatchObject({ kind: "unreadable", reason: "tag-inactive" });
  });

  it("says in Athena's words why a query failed, and never throws when it is away", async () => {
    const failing = await athenaService({
      workGroup: TABLE.workGroup,
      result: () => ({ failed: "COLUMN_NOT_FOUND: InvoiceId" }),
    });
    const deps = { costTagKey: TAG_KEY, stack: async () => "unknown" as const, lookEveryMs: 1 };
    const { client } = failing;
    const wrongGroup = { ...TABLE, workGroup: "another" };

    expect(dayOf(await athenaSource({ ...deps, client, table: TABLE }).read(aRequest), "")).toBe(
      "bad-data: Athena could not add up exports.focus: COLUMN_NOT_FOUND: InvoiceId",
    );
    expect(
      dayOf(await athenaSource({ ...deps, client, table: wrongGroup }).read(aRequest), ""),
    ).toMatch(/^unavailable: Athena did not answer \(InvalidRequestException\)/);
  });
});

describe("the query", () => {
  const of = { accountId: BUYER, costTagKey: TAG_KEY, from: "2026-03-01", to: "2026-04-01" };

  it("asks for one account, one row for each day, tag and category, within the months", () => {
    const sql = costSql(TABLE, of);

    expect(sql).toContain('FROM "exports"."focus"');
    expect(sql).toContain(`SubAccountId = '${BUYER}'`);
    expect(sql).toContain("ChargePeriodStart >= TIMESTAMP '2026-03-01 00:00:00'");
    expect(sql).toContain("ChargePeriodStart < TIMESTAMP '2026-04-01 00:00:00'");
    expect(sql).toContain("billing_period >= '2026-03'");
    expect(sql).toContain("GROUP BY day, tag, category, currency, is_final");
    expect(sql).toContain("element_at(Tags, 'launchmeter:deployment')");
    expect(costSql({ ...TABLE, format: "focus-1.0" }, of)).not.toContain("InvoiceId");
    const cur = costSql({ ...TABLE, format: "cur-2.0" }, of);
    expect(cur).toContain("element_at(resource_tags, 'user_launchmeter_deployment')");
    expect(cur).toContain("WHEN 'SavingsPlanNegation' THEN 0");
  });

  it("can't be broken out of by what stands in it", () => {
    const costTagKey = "x') OR 1=1 --";
    const sql = costSql(TABLE, { ...of, costTagKey, accountId: "' OR ''='" });

    expect(sql).toContain("element_at(Tags, 'x'') OR 1=1 --')");
    expect(sql).toContain("SubAccountId = ''' OR ''''='''");
    const named = (over: Partial<typeof TABLE>) => () => costSql({ ...TABLE, ...over }, of);
    expect(named({ table: 'focus" --' as never })).toThrow("not a database or table");
    expect(named({ database: "" as never })).toThrow("not a database or table");
    expect(() => costSql(TABLE, { ...of, from: "2026-03-01'" })).toThrow("not a day");
    expect(() => newestDaySql(TABLE, "'; DROP")).toThrow("not a day");
  });
});
