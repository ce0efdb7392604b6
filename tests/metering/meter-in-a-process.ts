import { startEmbeddedDynamoDb } from "../../metering/adapters/embedded-dynamodb.ts";
import { amountOf, type ChainItem } from "../../metering/domain/chain.ts";
import type { Deployment, License } from "../../metering/domain/license.ts";
import type { Ledger } from "../../metering/ports.ts";
import { sandboxControl } from "../../sandbox/control-client.ts";
import { aFee, aPlan, aShare, recordsOf } from "./fixtures.ts";
import { shardOf, storedMetering } from "./stored-metering.ts";

/**
 * Meters one license against a store on disk, step by step of the sandbox's time, until it is
 * killed or done. Tells on stdout what it is about to do and what it sealed.
 */
export interface Job {
  readonly origin: string;
  readonly dir: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly license: License;
  readonly deployment: Deployment;
  readonly owner: string;
  readonly stepMs: number;
  readonly until: number;
}

export type Told =
  | { readonly kind: "effect"; readonly name: string }
  | { readonly kind: "sealed"; readonly dimension: string; readonly record: string }
  | { readonly kind: "done"; readonly money: Readonly<Record<string, Money>> };

export interface Money {
  readonly committed: string;
  readonly chain: readonly { readonly record: string; readonly outcome: string }[];
}

const tell = (told: Told) => void process.stdout.write(`${JSON.stringify(told)}\n`);

/** What of a sealed record must never change. */
function recordText(item: ChainItem): string {
  if (item.kind !== "record") throw new Error("nobody writes evidence here");
  const { n, stamp, quantity, unitPrice, committedBefore, ratedTotal } = item;
  return [n, stamp, quantity, unitPrice, committedBefore, ratedTotal].join(" ");
}

function telling(ledger: Ledger): Ledger {
  return {
    head: (key) => ledger.head(key),
    item: (key, n) => ledger.item(key, n),
    chain: (key) => ledger.chain(key),
    async seal(key, item) {
      tell({ kind: "effect", name: "seal" });
      const result = await ledger.seal(key, item);
      const { dimension } = key;
      if (result === "sealed") tell({ kind: "sealed", dimension, record: recordText(item) });
      return result;
    },
    async takeOver(key, item, owner) {
      tell({ kind: "effect", name: "take over" });
      return ledger.takeOver(key, item, owner);
    },
    async settle(key, item, outcome) {
      tell({ kind: "effect", name: "settle" });
      return ledger.settle(key, item, outcome);
    },
  };
}

async function run(job: Job): Promise<void> {
  const control = sandboxControl(job.origin);
  const store = await startEmbeddedDynamoDb({ dir: job.dir });
  let offset = (await control.clock()).now - Date.now();
  const clock = { now: () => Date.now() + offset };
  const { license, deployment } = job;
  const { licenseId } = license;
  const { metering, licenses, ledger } = await storedMetering({
    clock,
    credentials: job.credentials,
    store: store.endpoint,
    plans: [aPlan(aShare, { ...aFee, proration: "hourly" })],
    owner: job.owner,
    watch: telling,
  });
  await licenses.update(licenseId, (known) => known ?? license);
  await licenses.updateDeployment(
    licenseId,
    deployment.deploymentId,
    (known) => known ?? deployment,
  );
  for (;;) {
    await metering.pass(shardOf(licenseId));
    tell({ kind: "effect", name: "pass" });
    const now = clock.now();
    if (now >= job.until) break;
    const next = Math.min((Math.floor(now / job.stepMs) + 1) * job.stepMs, job.until);
    offset = (await control.moveClock({ advanceTo: next })).now - Date.now();
  }
  const money: Record<string, Money> = {};
  for (const dimension of ["cents", "fee"]) {
    const chain = recordsOf(await ledger.chain({ licenseId, dimension }));
    money[dimension] = {
      committed: chain.reduce((sum, item) => sum + amountOf(item), 0n).toString(),
      chain: chain.map((item) => ({
        record: recordText(item),
        outcome: item.outcome?.kind ?? "pending",
      })),
    };
  }
  tell({ kind: "done", money });
}

await run(JSON.parse(process.argv[2] ?? "") as Job);
process.exit(0);
