import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip, type ZlibOptions } from "node:zlib";
import { dataExportSource } from "../../metering/adapters/cost-exports/data-export-source.ts";
import { folderFiles } from "../../metering/adapters/cost-exports/folder-files.ts";
import { aDeployment } from "../metering/fixtures.ts";

export interface CostRowsFigures {
  readonly costRowsPerSecond: number;
  /** Of the faster of Node's own two. */
  readonly costRowsCeilingPerSecond: number;
  /** Seconds of ours ÷ of that ceiling: 1 is the ceiling, the goal is at most 3. */
  readonly costRowsRatio: number;
  /** The same in seconds of the processor, which other work on the machine hardly changes. */
  readonly costRowsCpuRatio: number;
  readonly costRowsPeakMegabytesAboveBaseline: number;
  /** Each way's best round. */
  readonly costRowsSeconds: Readonly<Record<"ours" | keyof typeof CEILINGS, Seconds>>;
}

interface Seconds {
  readonly wall: number;
  readonly cpu: number;
}

/**
 * What Node itself does of the same work: it unzips the file and splits its lines, by `readline`
 * and by a plain `split`. The third is the second with pieces larger than Node's: not the ceiling,
 * but shown, because it is the fastest that we know.
 */
const CEILINGS = {
  readline: splitByReadline,
  plainSplit: (file: string) => splitPlainly(file, {}),
  plainSplitOfLargerPieces: (file: string) => splitPlainly(file, { chunkSize: 64 * 1024 }),
};

/**
 * How fast a gzip CSV of AWS's FOCUS 1.2 columns is read, with the machine's own ceiling measured
 * in the same run. Each is measured several times in turn, and its best taken: what else the
 * machine does only makes them slower.
 */
export async function benchCostRows({
  rows = 1_000_000,
  rounds = 3,
} = {}): Promise<CostRowsFigures> {
  const folder = await mkdtemp(join(tmpdir(), "launchmeter-bench-"));
  try {
    const file = join(folder, "cost.csv.gz");
    await pipeline(Readable.from(lines(rows)), createGzip(), createWriteStream(file));
    const best: Record<string, Seconds> = {};
    let peak = 0;
    await splitByReadline(file);
    const baseline = process.memoryUsage.rss();
    for (let round = 0; round < rounds; round += 1) {
      for (const [way, work] of Object.entries(CEILINGS)) {
        best[way] = faster(best[way], await secondsOf(() => work(file)));
      }
      const look = () => (peak = Math.max(peak, process.memoryUsage.rss()));
      const watch = setInterval(look, 20);
      best["ours"] = faster(best["ours"], await secondsOf(() => readCost(file)));
      clearInterval(watch);
      look();
    }
    const seconds = best as CostRowsFigures["costRowsSeconds"];
    const { ours, readline, plainSplit } = seconds;
    const ceiling = faster(readline, plainSplit);
    return {
      costRowsPerSecond: Math.round(rows / ours.wall),
      costRowsCeilingPerSecond: Math.round(rows / ceiling.wall),
      costRowsRatio: ours.wall / ceiling.wall,
      costRowsCpuRatio: ours.cpu / ceiling.cpu,
      costRowsPeakMegabytesAboveBaseline: (peak - baseline) / 1e6,
      costRowsSeconds: seconds,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const faster = (before: Seconds | undefined, now: Seconds): Seconds => ({
  wall: Math.min(before?.wall ?? Infinity, now.wall),
  cpu: Math.min(before?.cpu ?? Infinity, now.cpu),
});

async function secondsOf(work: () => Promise<unknown>): Promise<Seconds> {
  const start = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { wall: (performance.now() - start) / 1000, cpu: (user + system) / 1e6 };
}

async function splitByReadline(file: string): Promise<number> {
  const input = createReadStream(file).pipe(createGunzip());
  const lines = createInterface({ input, crlfDelay: Infinity });
  let count = 0;
  lines.on("line", () => (count += 1));
  await once(lines, "close");
  return count;
}

async function splitPlainly(file: string, options: ZlibOptions): Promise<number> {
  const text = createReadStream(file).pipe(createGunzip(options)).setEncoding("utf8");
  let count = 0;
  let rest = "";
  for await (const piece of text as AsyncIterable<string>) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    count += lines.length;
  }
  return count;
}

/** As metering reads it: a new source, so that nothing is remembered. */
async function readCost(file: string): Promise<void> {
  const source = dataExportSource({
    filesFor: () => folderFiles(file),
    costTagKey: "launchmeter:deployment",
    stack: async () => "unknown",
  });
  const reading = await source.read({
    deployment: aDeployment({ accountId: accountOf(0), costTag: tagOf(0) }),
    metric: "EffectiveCost",
    scope: "tag",
    from: "2026-03-01",
    to: "2026-04-01",
  });
  if (reading.kind !== "read") throw new Error(reading.message);
  if (Object.keys(reading.days).length < 28) throw new Error("the days are not all there");
}

const accountOf = (n: number) => String(111122220000 + n);
const tagOf = (n: number) => `5ac0e1d0-0000-4000-8000-${String(n).padStart(12, "0")}`;

const COLUMNS =
  "AvailabilityZone,BilledCost,BillingAccountId,BillingAccountName,BillingCurrency,BillingPeriodEnd,BillingPeriodStart,ChargeCategory,ChargeClass,ChargeDescription,ChargeFrequency,ChargePeriodEnd,ChargePeriodStart,CommitmentDiscountCategory,CommitmentDiscountId,CommitmentDiscountName,CommitmentDiscountStatus,CommitmentDiscountType,ConsumedQuantity,ConsumedUnit,ContractedCost,ContractedUnitPrice,EffectiveCost,InvoiceId,InvoiceIssuerName,ListCost,ListUnitPrice,PricingCategory,PricingQuantity,PricingUnit,ProviderName,PublisherName,RegionId,RegionName,ResourceId,ResourceName,ResourceType,ServiceCategory,ServiceName,SkuId,SkuPriceId,SubAccountId,SubAccountName,Tags";

const SERVICES = [
  ["Amazon Elastic Compute Cloud", "Compute"],
  ["Amazon Simple Storage Service", "Storage"],
  ["AWS Lambda", "Compute"],
  ["Amazon Relational Database Service", "Databases"],
];

/** The same file each time: hourly rows of 200 accounts and 1,000 deployments, a third untagged. */
function* lines(rows: number): Generator<string> {
  let state = 1;
  const below = (bound: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
  const two = (n: number) => String(n).padStart(2, "0");
  const name = '"Amazon Web Services, Inc."';
  let text = `${COLUMNS}\n`;
  for (let row = 0; row < rows; row += 1) {
    // A deployment lies in one account.
    const tag = below(1_000);
    const account = tag % 200;
    const date = `2026-03-${two(1 + (row % 31))}T${two(below(24))}`;
    const listed = `0.${String(below(1e9)).padStart(11, "0")}`;
    const discounted = below(10) === 0 ? `0.${String(below(1e9)).padStart(11, "0")}` : listed;
    const [service = "", category = ""] = SERVICES[below(SERVICES.length)] ?? [];
    const tags =
      below(3) === 0
        ? ""
        : `"{""launchmeter:deployment"": ""${tagOf(tag)}"", ""env"": ""prod"", ""team"": ""Data, and more""}"`;
    const id = accountOf(account);
    text += `us-east-1a,${listed},999988887777,Example,USD,2026-04-01T00:00:00Z,2026-03-01T00:00:00Z,Usage,,"$0.0000002 per request, in US East (N. Virginia)",Usage-Based,${date}:59:59Z,${date}:00:00Z,,,,,,${below(1e6)}.0000000000,Requests,${listed},0.0000002000,${discounted},,${name},${listed},0.0000002000,Standard,${below(1e6)}.0,Requests,AWS,${name},us-east-1,US East (N. Virginia),arn:aws:lambda:us-east-1:${id}:function:worker-${below(1_000)},,Function,${category},${service},G95FST5FTYV3JSRX,G95FST5FTYV3JSRX.JRTCKXETXF.VXGXCWQKTY,${id},Account ${id},${tags}\n`;
    if (text.length > 65_536) {
      yield text;
      text = "";
    }
  }
  yield text;
}
