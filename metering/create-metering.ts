import type { AllocateBy } from "./domain/allocations.ts";
import type { MeterStatus } from "./domain/cost.ts";
import type { Deployment } from "./domain/license.ts";
import type { PriceList } from "./domain/prices.ts";
import type { Statement } from "./domain/statement.ts";
import { type PlanVersion, termsOf } from "./domain/terms.ts";
import { type ExplainDeps, explainMonth, statementMonths } from "./explain-month.ts";
import { measureCost } from "./measure-cost.ts";
import { meterPass } from "./meter-pass.ts";
import type { EntitlementReader } from "./read-entitlements.ts";
import type {
  Alarms,
  Allocations,
  Clock,
  Costs,
  CostSource,
  Entitlements,
  Ledger,
  Licenses,
  MeteringGateway,
  Passes,
  Usage,
} from "./ports.ts";

/** What the metering service needs from the world. */
export interface MeteringDeps {
  readonly clock: Clock;
  readonly licenses: Licenses;
  readonly ledger: Ledger;
  readonly passes: Passes;
  readonly costs: Costs;
  readonly usage: Usage;
  readonly entitlements: Entitlements;
  /** Reads what the contract includes, when that is due; absent where no plan counts it. */
  readonly readEntitlements?: EntitlementReader | undefined;
  readonly source: CostSource;
  readonly gateway: MeteringGateway;
  readonly alarms: Alarms;
  /** Every version of every plan, so that a change of price never revalues what was before. */
  readonly plans: readonly PlanVersion[];
  readonly prices: PriceList;
  /** Billing adjustments that statements show. */
  readonly adjustments?: ExplainDeps["adjustments"];
  /** Whether an hour in which nothing is owed gets a record of 0 units. */
  readonly zeroRecords: boolean;
  /** A name never used before, for a worker: a record of another counts as possibly sent. */
  readonly newOwner: () => string;
  /** Waits before another round of the same pass; the round counts from 1. */
  readonly pause: (round: number) => Promise<void>;
  /** Resolves when the next call of a region may start. */
  readonly pace: (region: string) => Promise<void>;
  readonly allocations: Allocations;
  /** What records are split by, so that buyers can split the charge; absent: they aren't. */
  readonly allocateBy?: readonly AllocateBy[] | undefined;
}

/** What the metering service offers to its schedule and to the registration site. */
export interface Metering {
  /** Measures, rates, seals and reports every license of the shard; safe at any moment. */
  pass(shard: number): Promise<void>;
  /**
   * Reads a deployment's cost before its role goes with the stack. Never throws, and answers
   * within the time: a reading that takes longer goes on behind it and is stored if it arrives.
   */
  readFinalCost(deployment: Deployment, timeoutMs: number): Promise<"read" | "unreadable">;
  statement(licenseId: string, month: string): Promise<Statement | undefined>;
  statementMonths(licenseId: string): Promise<readonly string[]>;
  meterStatus(deploymentId: string): Promise<MeterStatus | undefined>;
}

export function createMetering(deps: MeteringDeps): Metering {
  const born = () => ({
    ...deps,
    owner: deps.newOwner(),
    possiblySent: new Set<string>(),
  });
  let worker = born();
  return {
    async pass(shard) {
      try {
        await meterPass(worker, shard);
      } catch (error) {
        // What the store did is unknown, so is what this worker remembers: a new one starts over.
        worker = born();
        throw error;
      }
    },
    async readFinalCost(deployment, timeoutMs) {
      try {
        const license = await deps.licenses.get(deployment.licenseId);
        if (license === undefined) return "unreadable";
        const terms = termsOf(license, deps.plans);
        const deployments = await deps.licenses.deployments(deployment.licenseId);
        const asked = { license, terms, deployment, deployments, force: true, timeoutMs };
        const measured = await withinTime(timeoutMs, measureCost(deps, asked));
        return measured === "unreadable" ? "unreadable" : "read";
      } catch (error) {
        // The buyer's stack must go away whatever happens here; the daily reading tries again.
        const message = `the last cost could not be read: ${(error as Error).name}`;
        deps.alarms.raise({ kind: "cost-unreadable", licenseId: deployment.licenseId, message });
        return "unreadable";
      }
    },
    statement: (licenseId, month) => explainMonth(deps, licenseId, month),
    statementMonths: (licenseId) => statementMonths(deps, licenseId),
    meterStatus: (deploymentId) => deps.costs.status(deploymentId),
  };
}

async function withinTime<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => {
      fail(Object.assign(new Error(`no answer in ${timeoutMs} ms`), { name: "TimeoutError" }));
    }, timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
