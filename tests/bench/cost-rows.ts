import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { dataExportSource } from "../../metering/adapters/cost-exports/data-export-source.ts";
import { folderFiles } from "../../metering/adapters/cost-exports/folder-files.ts";
import { aDeployment } from "../metering/fixtures.ts";

export interface CostRowsFigures {
  readonly rowsPerSecond: number;
  /** Node's own gunzip and line split (node:zlib, node:readline) of the same file. */
  readonly ceilingRowsPerSecond: number;
  /** Ceiling ÷ ours: 1 is the ceiling, the goal is at most 3. */
  readonly ratio: number;
  readonly peakRssBytes: number;
  readonly baselineRssBytes: number;
}

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
    let ceiling = Infinity;
    let ours = Infinity;
    let peakRssBytes = 0;
    await splitLines(file);
    const baselineRssBytes = process.memoryUsage.rss();
    for (let round = 0; round < rounds; round += 1) {
      ceiling = Math.min(ceiling, await secondsOf(() => splitLines(file)));
      const watch = setInterval(() => {
        peakRssBytes = Math.max(peakRssBytes, process.memoryUsage.rss());
      }, 20);
      ours = Math.min(ours, await secondsOf(() => readCost(file)));
      clearInterval(watch);
      peakRssBytes = Math.max(peakRssBytes, process.memoryUsage.rss());
    }
    return {
      rowsPerSecond: Math.round(rows / ours),
      ceilingRowsPerSecond: Math.round(rows / ceiling),
      ratio: ours / ceiling,
      peakRssBytes,
      baselineRssBytes,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

async function splitLines(file: string): Promise<number> {
  const input = createReadStream(file).pipe(createGunzip());
  const lines = createInterface({ input, crlfDelay: Infinity });
  let count = 0;
  lines.on("line", () => (count += 1));
  await once(lines, "close");
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
