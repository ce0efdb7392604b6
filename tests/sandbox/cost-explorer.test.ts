import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CostExplorerClient, GetCostAndUsageCommand } from "@aws-sdk/client-cost-explorer";
import type {
  GetCostAndUsageCommandInput,
  GetCostAndUsageCommandOutput,
} from "@aws-sdk/client-cost-explorer";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { describe, expect, it, onTestFinished } from "vitest";
import { sandboxControl } from "../../sandbox/control-client.ts";
import type { Sandbox, SandboxOptions } from "../../sandbox/create-sandbox.ts";
import { exampleFocusCsv } from "../../sandbox/data/make-example-focus.ts";
import { readFileSync } from "node:fs";
import { aSandbox, BUYER, clientOf, OTHER_ACCOUNT, SELLER } from "./a-sandbox.ts";

const EXAMPLE = fileURLToPath(new URL("../../sandbox/data/example-focus.csv", import.meta.url));
const OCTOBER = { Start: "2026-10-01", End: "2026-11-01" };
const HEADER =
  "BilledCost,EffectiveCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ProviderName,PublisherName,ServiceName,SubAccountId,RegionId,Tags";

type Row = Partial<
  Record<
    | "billed"
    | "effective"
    | "currency"
    | "category"
    | "start"
    | "provider"
    | "publisher"
    | "service"
    | "account"
    | "tags",
    string
  >
>;

const aRow = (row: Row = {}): string =>
  [
    row.billed ?? "1.5",
    row.effective ?? row.billed ?? "1.5",
    row.currency ?? "USD",
    row.category ?? "Usage",
    row.start ?? "2026-10-05 00:00:00",
    row.provider ?? "AWS",
    row.publisher ?? "Amazon Web Services EMEA SARL",
    row.service ?? "Amazon S3",
    row.account ?? BUYER,
    "eu-central-1",
    `"${(row.tags ?? "NULL").replaceAll('"', '""')}"`,
  ].join(",");

async function aFile(...rows: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "focus-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "cost.csv");
  await writeFile(file, [HEADER, ...rows, ""].join("\n"));
  return file;
}

async function aSandboxAt(iso: string, file: string, options: Partial<SandboxOptions> = {}) {
  const sandbox = await aSandbox({ startAt: Date.parse(iso), ...options });
  await sandboxControl(sandbox.origin).addCostSource({ file, accountId: BUYER });
  return sandbox;
}

type Query = Partial<GetCostAndUsageCommandInput>;

function ask(
  sandbox: Sandbox,
  query: Query = {},
  credentials: Parameters<typeof clientOf>[1] = sandbox.buyerCredentials(BUYER),
): Promise<GetCostAndUsageCommandOutput> {
  return new CostExplorerClient(clientOf(sandbox, credentials)).send(
    new GetCostAndUsageCommand({
      TimePeriod: OCTOBER,
      Granularity: "MONTHLY",
      Metrics: ["UnblendedCost"],
      ...query,
    }),
  );
}

const amountOf = async (sandbox: Sandbox, query: Query = {}, metric = "UnblendedCost") =>
  (await ask(sandbox, { Metrics: [metric], ...query })).ResultsByTime?.[0]?.Total?.[metric]?.Amount;

describe("GetCostAndUsage on the example file", () => {
  it("adds up the month exactly, by record type and billing entity", async () => {
    const sandbox = await aSandboxAt("2026-11-20T00:00:00Z", EXAMPLE);

    const { ResultsByTime } = await ask(sandbox, {
      GroupBy: [
        { Type: "DIMENSION", Key: "RECORD_TYPE" },
        { Type: "DIMENSION", Key: "BILLING_ENTITY" },
      ],
    });

    const groups = ResultsByTime?.[0]?.Groups?.map(({ Keys, Metrics }) => [
      ...(Keys ?? []),
      Metrics?.["UnblendedCost"]?.Amount,
    ]);
    expect(groups).toHaveLength(6);
    expect(groups).toEqual(
      expect.arrayContaining([
        ["Usage", "AWS", "611.6044904782"],
        ["Usage", "AWS Marketplace", "49"],
        ["Fee", "AWS", "12"],
        ["Tax", "AWS", "118.7316029441"],
        ["Credit", "AWS", "-2.5"],
        ["Refund", "AWS", "-1.3370415006"],
      ]),
    );
    expect(ResultsByTime?.[0]).toMatchObject({ Total: {}, Estimated: false, TimePeriod: OCTOBER });
  });

  it("is made by its script, byte for byte", () => {
    expect(exampleFocusCsv()).toBe(readFileSync(EXAMPLE, "utf8"));
  });

  it("filters by expressions as Cost Explorer takes them", async () => {
    const sandbox = await aSandboxAt("2026-11-20T00:00:00Z", EXAMPLE);
    const recordTypes = {
      Dimensions: { Key: "RECORD_TYPE" as const, Values: ["Tax", "Credit", "Refund"] },
    };
    const marketplace = {
      Dimensions: { Key: "BILLING_ENTITY" as const, Values: ["AWS Marketplace"] },
    };

    expect(await amountOf(sandbox, { Filter: { Not: { Or: [recordTypes, marketplace] } } })).toBe(
      "623.6044904782",
    );
    expect(
      await amountOf(sandbox, {
        Filter: { Dimensions: { Key: "LINKED_ACCOUNT", Values: [OTHER_ACCOUNT] } },
      }),
    ).toBe("0");
    expect(
      await amountOf(sandbox, { Filter: { Tags: { Key: "environment", Values: ["production"] } } }),
    ).toBe("611.6044904782");
    await expect(
      ask(sandbox, { Filter: { ...recordTypes, Not: marketplace } }),
    ).rejects.toMatchObject({ name: "ValidationException" });
  });

  it("has two views of cost", async () => {
    const sandbox = await aSandboxAt("2026-11-20T00:00:00Z", EXAMPLE);
    const ec2 = {
      Filter: { Dimensions: { Key: "SERVICE" as const, Values: ["Amazon Elastic Compute Cloud"] } },
    };

    const billed = await amountOf(sandbox, ec2, "NetUnblendedCost");
    const effective = await amountOf(sandbox, ec2, "NetAmortizedCost");

    expect(Number(effective)).toBeLessThan(Number(billed));
  });

  it("pages, and binds a token to its request", async () => {
    const sandbox = await aSandboxAt("2026-11-20T00:00:00Z", EXAMPLE);
    await sandboxControl(sandbox.origin).changeSettings({ costExplorerPageSize: 10 });
    const daily = { Granularity: "DAILY" as const };
    const sizes: (number | undefined)[] = [];
    let token: string | undefined;
    let second: string | undefined;
    do {
      const page = await ask(sandbox, { ...daily, NextPageToken: token });
      sizes.push(page.ResultsByTime?.length);
      token = page.NextPageToken;
      second ??= token;
    } while (token !== undefined);

    expect(sizes).toEqual([10, 10, 10, 1]);
    await expect(
      ask(sandbox, { ...daily, Metrics: ["AmortizedCost"], NextPageToken: second }),
    ).rejects.toMatchObject({ name: "RequestChangedException" });
    await expect(ask(sandbox, { NextPageToken: "made-up" })).rejects.toMatchObject({
      name: "InvalidNextTokenException",
    });
  });
});

describe("when costs appear", () => {
  const dayAmount = async (sandbox: Sandbox, day: string, next: string) => {
    const answer = await ask(sandbox, {
      TimePeriod: { Start: day, End: next },
      Granularity: "DAILY",
    });
    const [result] = answer.ResultsByTime ?? [];
    return [result?.Total?.["UnblendedCost"]?.Amount, result?.Estimated];
  };

  it("shows a day 24 hours after it ended, late usage after 48, credits with the first", async () => {
    const usage = Array.from({ length: 100 }, () => aRow({ billed: "1" }));
    const file = await aFile(...usage, aRow({ billed: "-5", category: "Credit" }));
    const sandbox = await aSandboxAt("2026-10-06T23:59:00Z", file);
    const control = sandboxControl(sandbox.origin);
    const day = () => dayAmount(sandbox, "2026-10-05", "2026-10-06");

    expect(await day()).toEqual(["0", true]);
    await control.moveClock({ advanceTo: "2026-10-07T00:00:00Z" });
    const [first] = await day();
    await control.moveClock({ advanceTo: "2026-10-08T00:00:00Z" });

    expect(Number(first)).toBeGreaterThan(75);
    expect(Number(first)).toBeLessThan(95);
    expect(await day()).toEqual(["95", true]);
  });

  it("calls a month estimated until the 3rd of the next", async () => {
    const sandbox = await aSandboxAt("2026-11-02T23:59:00Z", EXAMPLE);
    const day = () => dayAmount(sandbox, "2026-10-31", "2026-11-01");

    expect((await day())[1]).toBe(true);
    await sandboxControl(sandbox.origin).moveClock({ advanceTo: "2026-11-03T00:00:00Z" });
    expect((await day())[1]).toBe(false);
  });

  it("changes a day at once by a restatement, exactly", async () => {
    const sandbox = await aSandboxAt("2026-10-20T00:00:00Z", await aFile(aRow({ billed: "0.1" })));
    const control = sandboxControl(sandbox.origin);
    await control.restate({ accountId: BUYER, day: "2026-10-05", amountUsd: "0.2" });
    await control.restate({ accountId: BUYER, day: "2026-10-05", amountUsd: "-0.00000000001" });

    expect(await dayAmount(sandbox, "2026-10-05", "2026-10-06")).toEqual(["0.29999999999", true]);
  });
});

describe("what a FOCUS file may hold", () => {
  it("NULL texts, exponents, spaces, tags with stray spaces, other providers and accounts", async () => {
    const file = await aFile(
      aRow({ billed: " 7.0E-10 ", category: "Credit" }),
      aRow({ billed: "-2e-3", category: "Adjustment", tags: '{" team ": "a"}' }),
      aRow({ billed: "0.00000000000", publisher: "Red Hat Inc." }),
      aRow({ provider: "Microsoft", currency: "EUR", billed: "NULL" }),
      aRow({ account: "51738928782", currency: "EUR", billed: "x" }),
    );
    const sandbox = await aSandbox({ startAt: Date.parse("2026-10-20T00:00:00Z") });
    const control = sandboxControl(sandbox.origin);

    const source = await control.addCostSource({
      file,
      sourceAccountId: BUYER,
      accountId: BUYER,
      tags: { "launchmeter:deployment": "guid" },
    });

    expect(source).toMatchObject({ rows: 3, firstDay: "2026-10-05", lastDay: "2026-10-05" });
    expect(
      await amountOf(sandbox, { TimePeriod: { Start: "2026-10-01", End: "2026-10-20" } }),
    ).toBe("-0.0019999993");
    const team = await ask(sandbox, {
      TimePeriod: { Start: "2026-10-01", End: "2026-10-20" },
      GroupBy: [{ Type: "TAG", Key: "team" }],
      Filter: { Tags: { Key: "launchmeter:deployment", Values: ["guid"] } },
    });
    expect(team.ResultsByTime?.[0]?.Groups?.map(({ Keys }) => Keys?.[0])).toEqual([
      "team$",
      "team$a",
    ]);
  });

  it.each([
    ["no file", undefined, /can't be read/],
    ["no AWS row", [aRow({ provider: "Oracle" })], /no row whose ProviderName is AWS/],
    ["another currency", [aRow(), aRow({ currency: "EUR" })], /Row 3 .*BillingCurrency is "EUR"/],
    ["a malformed number", [aRow({ billed: "1.5.0" })], /Row 2 .*BilledCost/],
    ["a row with a column too many", [aRow({ billed: "1,5" })], /not a CSV file: .*line 2/],
    ["a missing number", [aRow({ billed: "NULL" })], /Row 2 .*BilledCost is "NULL"/],
    ["an impossible date", [aRow({ start: "2026-13-01" })], /Row 2 .*ChargePeriodStart/],
  ])("is refused with a sentence: %s", async (_name, rows, sentence) => {
    const sandbox = await aSandbox();
    const file = rows === undefined ? "/nowhere/cost.csv" : await aFile(...rows);

    await expect(
      sandboxControl(sandbox.origin).addCostSource({ file, accountId: BUYER }),
    ).rejects.toThrow(sentence);
  });

  it("is refused naming every missing column", async () => {
    const file = await aFile();
    await writeFile(file, "BilledCost,ServiceName\n1,S3\n");
    const sandbox = await aSandbox();

    await expect(
      sandboxControl(sandbox.origin).addCostSource({ file, accountId: BUYER }),
    ).rejects.toThrow(/lacks the columns EffectiveCost, BillingCurrency, .*SubAccountId\./);
  });
});

describe("who may ask", () => {
  async function sessionOf(sandbox: Sandbox, actions: string[]) {
    const arn = await sandboxControl(sandbox.origin).createRole({
      accountId: BUYER,
      name: "Read",
      trustPolicy: {
        Statement: { Effect: "Allow", Principal: { AWS: SELLER }, Action: "sts:AssumeRole" },
      },
      policies: { read: { Statement: { Effect: "Allow", Action: actions, Resource: "*" } } },
    });
    const { Credentials: given } = await new STSClient(
      clientOf(sandbox, sandbox.sellerCredentials),
    ).send(new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: "metering" }));
    return {
      accessKeyId: given?.AccessKeyId ?? "",
      secretAccessKey: given?.SecretAccessKey ?? "",
      sessionToken: given?.SessionToken ?? "",
    };
  }

  it("a role that is allowed to sees its own account's cost", async () => {
    const sandbox = await aSandboxAt("2026-11-20T00:00:00Z", EXAMPLE);
    const session = await sessionOf(sandbox, ["ce:GetCostAndUsage"]);

    expect((await ask(sandbox, {}, session)).ResultsByTime).toHaveLength(1);
  });

  it("a role without the permission is refused", async () => {
    const sandbox = await aSandboxAt("2026-11-20T00:00:00Z", EXAMPLE);
    const session = await sessionOf(sandbox, ["cloudformation:DescribeStacks"]);

    await expect(ask(sandbox, {}, session)).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: /not authorized to perform: ce:GetCostAndUsage/,
    });
  });

  it("an account without data gets DataUnavailableException", async () => {
    const sandbox = await aSandboxAt("2026-11-20T00:00:00Z", EXAMPLE);

    await expect(ask(sandbox, {}, sandbox.buyerCredentials(OTHER_ACCOUNT))).rejects.toMatchObject({
      name: "DataUnavailableException",
    });
  });
});

describe("a malformed question gets ValidationException", () => {
  it.each<[string, Query]>([
    ["an empty period", { TimePeriod: { Start: "2026-10-01", End: "2026-10-01" } }],
    ["a period before the history", { TimePeriod: { Start: "2025-01-01", End: "2025-02-01" } }],
    ["a period of the future", { TimePeriod: { Start: "2026-12-01", End: "2026-12-02" } }],
    ["no date", { TimePeriod: { Start: "yesterday", End: "2026-11-01" } }],
    ["no metric", { Metrics: [] }],
    ["an unknown metric", { Metrics: ["Cost"] }],
    ["an unknown dimension", { Filter: { Dimensions: { Key: "OPERATION", Values: ["x"] } } }],
    ["hours", { Granularity: "HOURLY" }],
    [
      "three groups",
      { GroupBy: Array.from({ length: 3 }, () => ({ Type: "TAG" as const, Key: "a" })) },
    ],
  ])("%s", async (_name, query) => {
    const sandbox = await aSandboxAt("2026-11-20T00:00:00Z", EXAMPLE);

    await expect(ask(sandbox, query)).rejects.toMatchObject({ name: "ValidationException" });
  });
});
