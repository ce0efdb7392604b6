import { defineCommand } from "citty";
import { createHash } from "node:crypto";
import { access, mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startEmbeddedDynamoDb } from "../../metering/adapters/embedded-dynamodb.ts";
import type { Product } from "../../product/definition.ts";
import { loadProduct } from "../../product/load-product.ts";
import { startWorld, type World } from "../local/world.ts";
import { type CostData, findCostData } from "../play/cost-data.ts";
import { playSale } from "../play/play-sale.ts";
import { type Progress, terminalProgress } from "../play/progress.ts";
import { interrupted, portNumber } from "./sandbox.ts";

export const startCommand = defineCommand({
  meta: {
    name: "start",
    description: "Play one sale on this machine, then leave site and sandbox running",
  },
  args: {
    once: { type: "boolean", description: "Exit when the sale has been played" },
    json: { type: "boolean", description: "Print one JSON object at the end, progress to stderr" },
    plan: { type: "string", valueHint: "ID", description: "Which plan; the first when left out" },
    "cost-data": { type: "string", valueHint: "FILE", description: "A FOCUS 1.x CSV" },
    "cost-account": {
      type: "string",
      valueHint: "ID",
      description: "Whose AWS cost of it (SubAccountId); all of AWS's rows when left out",
    },
    config: { type: "string", default: "product.config.ts", valueHint: "FILE", description: "" },
    data: { type: "string", valueHint: "DIR", description: "Default: .launchmeter/<the sale>" },
    port: { type: "string", valueHint: "N", description: "Of the site; default 4800" },
    "sandbox-port": { type: "string", valueHint: "N", description: "Default 4700" },
  },
  async run({ args }) {
    const port = (option: string, text: string | undefined, standing: number) =>
      portNumber(option, text ?? (args.once === true ? "0" : `${standing}`));
    const sitePort = port("--port", args.port, 4800);
    const sandboxPort = port("--sandbox-port", args["sandbox-port"], 4700);
    const product = await loadProduct(args.config);
    const plan = findPlan(product, args.plan);
    const costData = await findCostData(args["cost-data"], args["cost-account"]);
    const dataDir = resolve(args.data ?? join(".launchmeter", saleName(plan.id, costData)));
    const begunAnew = await clearFinished(dataDir);
    const progress = terminalProgress(args.json === true ? process.stderr : process.stdout);
    progress.line(begunAnew ? `A new sale in ${dataDir}` : `Going on with the sale in ${dataDir}`);

    const world = await startWorld({
      product,
      dataDir,
      playedBuyer: costData.accountId,
      sitePort,
      sandboxPort,
      // Some hours before the first month: whole days count, so the first one counts whole.
      startAt: costData.start - 4 * 3_600_000,
      log: (level, message, fields) => {
        if (level === "error") progress.line(`! ${message} ${JSON.stringify(fields ?? {})}`);
      },
      alarm: (alarm) => progress.alarm(alarm),
    });
    try {
      const region = product.launchStack.regions.includes("eu-central-1")
        ? "eu-central-1"
        : (product.launchStack.regions[0] ?? "us-east-1");
      const summary = await playSale({ world, plan, costData, progress, region });
      await writeFile(join(dataDir, FINISHED), "");
      if (args.json === true) console.log(JSON.stringify(summary));
      if (args.once !== true) await stayOpen(world, costData, progress);
    } finally {
      await world.close();
    }
  },
});

const FINISHED = "finished";

function findPlan(product: Product, id: string | undefined) {
  const plan = id === undefined ? product.plans[0] : product.plans.find((each) => each.id === id);
  if (plan !== undefined) return plan;
  const known = product.plans.map((each) => each.id).join(", ");
  throw new Error(`--plan is ${JSON.stringify(id)}: the product's plans are ${known}.`);
}

/** One folder for each kind of sale, so that a rerun finds what a killed run left. */
function saleName(planId: string, { file, sourceAccountId }: CostData): string {
  const data = createHash("sha256").update(JSON.stringify([file, sourceAccountId]));
  return `${planId}-${data.digest("hex").slice(0, 8)}`;
}

/** A finished sale makes room for the next one; an unfinished one is gone on with. */
async function clearFinished(dataDir: string): Promise<boolean> {
  await mkdir(dataDir, { recursive: true });
  const exists = (name: string) =>
    access(join(dataDir, name)).then(
      () => true,
      () => false,
    );
  if (!(await exists(FINISHED))) return !(await exists("store"));
  // Refuses while another process still shows it.
  await (await startEmbeddedDynamoDb({ dir: join(dataDir, "store") })).close();
  for (const name of ["store", "sandbox", FINISHED]) {
    await rm(join(dataDir, name), { recursive: true, force: true });
  }
  return true;
}

/** Leaves everything running for a person, and goes on metering as time passes or is moved. */
async function stayOpen(
  { control, sandbox, seller, product }: World,
  { file, sourceAccountId }: CostData,
  progress: Progress,
): Promise<void> {
  for (const { accountId } of (await control.identity()).buyers) {
    await control.addCostSource({ file, sourceAccountId, accountId, repeatMonths: 24 });
  }
  progress.station("Now you");
  progress.line(`Subscribe:     ${sandbox.origin}/marketplace/${product.listing.productId}`);
  progress.line(`Your stacks:   ${sandbox.origin}/cloudformation/home`);
  progress.line(`The site:      ${seller.origin}/`);
  progress.line(`The sandbox:   ${sandbox.origin}/`);
  progress.line("Time goes on there, and moves faster when you push it: metering follows.");
  progress.line("Ctrl-C stops it.");
  let open = true;
  const stopped = interrupted().then(() => (open = false));
  let metered = 0;
  while (open) {
    await Promise.race([stopped, sleep(1_000)]);
    const quarter = Math.floor(sandbox.clock.now() / 900_000);
    if (!open || quarter === metered) continue;
    metered = quarter;
    await seller.meterAll().catch((error: Error) => progress.line(`! metering: ${error.message}`));
  }
}
