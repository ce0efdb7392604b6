import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { chosenCostSource } from "../../metering/adapters/chosen-cost-source.ts";
import type { CostSourceChoice } from "../../metering/domain/cost.ts";
import {
  aFocusRow,
  aRequest,
  dayOf,
  delivery,
  parquetBytes,
  TAG_KEY,
  temporaryFolder,
  writeFiles,
} from "./cost-files.ts";
import { aDeployment, at, BUYER } from "./fixtures.ts";
import { wireWorld } from "./wire-world.ts";

const DAY = "2026-03-05";
const BUCKET = "seller-exports";
const usage = (usd: string) => [aFocusRow({ BilledCost: usd })];

async function aBucket(region = "us-east-1") {
  const world = await wireWorld(at("2026-03-06T00:00:00Z"));
  const s3 = world.aws.s3(region);
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  return {
    ...world,
    put: async (files: Readonly<Record<string, Buffer>>, prefix = "") => {
      for (const [name, Body] of Object.entries(files)) {
        await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: prefix + name, Body }));
      }
    },
    from: (choice: CostSourceChoice | string) => {
      const deps = { aws: world.aws, sellerRegion: "us-east-1", costTagKey: TAG_KEY };
      const source =
        typeof choice === "string" ? ({ kind: "data-export", location: choice } as const) : choice;
      return chosenCostSource(deps, source);
    },
  };
}

describe("exports in a bucket", () => {
  it("are read as AWS delivers them, gzip CSV and Parquet", async () => {
    const { put, from } = await aBucket();
    await put(delivery("2026-03", usage("1.25")), "prefix/");
    const asParquet = delivery("2026-03", []);
    const manifest = Object.keys(asParquet).find((name) => name.endsWith("Manifest.json")) ?? "";
    const data = "data/BILLING_PERIOD=2026-03/cost-00001.snappy.parquet";
    await put({
      [`parquet/cost/${data}`]: parquetBytes([...usage("1"), ...usage("0.25"), ...usage("0")]),
      [`parquet/${manifest}`]: Buffer.from(JSON.stringify({ dataFiles: [`s3://x/cost/${data}`] })),
    });

    for (const place of [`s3://${BUCKET}/prefix`, `s3://${BUCKET}/parquet/cost/`]) {
      expect(dayOf(await from(place).read(aRequest), DAY)).toEqual({ Usage: "1.25" });
    }
  });

  it("are an account's own where each has a prefix, and no other's", async () => {
    const { put, from } = await aBucket();
    await put(delivery("2026-03", usage("1")), `exports/${BUYER}/`);
    // It says that it is the first one's cost; and its name begins like the first one's.
    await put(delivery("2026-03", usage("1000")), `exports/${BUYER}4/`);

    const source = from(`s3://${BUCKET}/exports/{accountId}`);

    expect(dayOf(await source.read(aRequest), DAY)).toEqual({ Usage: "1" });
    const stranger = { ...aRequest, deployment: aDeployment({ accountId: "222233334444" }) };
    expect(dayOf(await source.read(stranger), DAY)).toMatch(/^no-data: .*222233334444/);
  });

  it("are left alone while the next delivery is under way", async () => {
    const { clock, put, from } = await aBucket();
    const files = Object.entries(delivery("2026-03", usage("1")));
    await put(Object.fromEntries(files));
    clock.advanceTo(clock.now() + 3_600_000);
    await put(Object.fromEntries(files.filter(([name]) => name.includes("/data/"))));
    const during = await from(`s3://${BUCKET}/`).read(aRequest);
    await put(Object.fromEntries(files.filter(([name]) => name.includes("/metadata/"))));

    expect(dayOf(during, DAY)).toMatch(/^unavailable: A delivery to s3:\/\/.* is under way/);
    expect((await from(`s3://${BUCKET}/`).read(aRequest)).kind).toBe("read");
  });

  it("that are not there, or not ours, are told of in words", async () => {
    const { from } = await aBucket();

    expect(dayOf(await from("s3://no-such-bucket/x").read(aRequest), DAY)).toMatch(
      /^no-data: s3:\/\/no-such-bucket\/x\/ does not exist/,
    );
    expect(dayOf(await from(`s3://${BUCKET}/empty`).read(aRequest), DAY)).toMatch(
      /^no-data: .*no finished delivery of 2026-03/,
    );
  });
});

describe("the source that a product chose", () => {
  it("is asked for what runs in buyers' accounts; what the seller hosts is never in it", async () => {
    const { aws } = await aBucket();
    const location = writeFiles(temporaryFolder(), delivery("2026-03", usage("2")));
    const deps = { aws, sellerRegion: "us-east-1", costTagKey: TAG_KEY };
    const source = chosenCostSource(deps, { kind: "data-export", location });
    const hosted = aDeployment({ hosting: "seller", costTag: "l-1" });

    expect(dayOf(await source.read(aRequest), DAY)).toEqual({ Usage: "2" });
    expect(source.describe(aRequest.deployment)).toMatchObject({ kind: "data-export" });
    expect(source.describe(hosted)).toMatchObject({ kind: "cost-explorer", paidBy: "seller" });
    expect(await source.stack(hosted)).toBe("gone");
  });
});
