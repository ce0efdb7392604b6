import type { Allocation } from "./domain/allocations.ts";
import type { ChainItem, ChainKey, MeteringRecord, Outcome } from "./domain/chain.ts";
import type { CostMetric, CostScope } from "./domain/charges.ts";
import type { CostDay, CostMonth, MeterStatus, ReadingCost, ReadProblem } from "./domain/cost.ts";
import type { Day, Month, Period } from "./domain/calendar.ts";
import type { EntitlementPeriod } from "./domain/entitlement.ts";
import type { Deployment, Instant, License } from "./domain/license.ts";
import type { PassState } from "./domain/pass-state.ts";
import type { Attempt } from "./domain/settlement.ts";
import type { UsageHour, UsageMonth } from "./domain/usage.ts";
import type { RecordedEvent, UsageSegment } from "./domain/usage-segment.ts";

/** The only source of time. Production: the system's; locally: the sandbox's. */
export interface Clock {
  now(): Instant;
}

/**
 * Licenses and their deployments, keyed by license. Written by the registration site, read by
 * metering. Every change is conditional, so that two writers can't overwrite each other.
 */
export interface Licenses {
  get(licenseId: string): Promise<License | undefined>;
  /**
   * Read, change, write back only if nobody wrote in between; retried with the newer license
   * until `change` was applied to the newest. `change` may see `undefined` (not known yet) and
   * may return the same object to say "nothing to write". Answers what is now stored.
   */
  update(
    licenseId: string,
    change: (license: License | undefined) => License | undefined,
  ): Promise<License | undefined>;
  /** Every license of a shard, in pages; a license stays in its shard for life. */
  inShard(shard: number): AsyncIterable<License>;
  readonly shards: number;

  deployments(licenseId: string): Promise<readonly Deployment[]>;
  deployment(licenseId: string, deploymentId: string): Promise<Deployment | undefined>;
  /** Same contract as `update`, for one deployment. */
  updateDeployment(
    licenseId: string,
    deploymentId: string,
    change: (deployment: Deployment | undefined) => Deployment | undefined,
  ): Promise<Deployment | undefined>;
}

/** The chains of metering records. No transactions: each call touches one item. */
export interface Ledger {
  /** The newest item. May be stale: then the next `seal` fails, and nothing else happens. */
  head(key: ChainKey): Promise<ChainItem | undefined>;
  /** Item n as it is now: strongly consistent. */
  item(key: ChainKey, n: number): Promise<ChainItem | undefined>;
  /** Puts item n if no item n exists. */
  seal(key: ChainKey, item: ChainItem): Promise<"sealed" | "taken">;
  /** Makes `owner` the one to send it; answers the item as it now is, undefined if it is final. */
  takeOver(
    key: ChainKey,
    record: MeteringRecord,
    owner: string,
  ): Promise<MeteringRecord | undefined>;
  /** Writes the final outcome if the record is still sealed and owned by `record.owner`. */
  settle(key: ChainKey, record: MeteringRecord, outcome: Outcome): Promise<"settled" | "lost">;
  /** The whole chain, oldest first. */
  chain(key: ChainKey): Promise<readonly ChainItem[]>;
}

/** What passes over a shard remember of each other. */
export interface Passes {
  /** Read, change, write back only if nobody wrote in between; answers what is now stored. */
  update(shard: number, change: (state: PassState) => PassState): Promise<PassState>;
}

/**
 * Usage allocations of records, stored apart so that a record stays within one write unit. Put
 * before the seal: a sealed record must never name a list that isn't there.
 */
export interface Allocations {
  /** Answers the list's SHA-256, which is sealed with the record. */
  put(allocations: readonly Allocation[]): Promise<string>;
  /** Strongly consistent; exactly what was put. */
  get(hash: string): Promise<readonly Allocation[] | undefined>;
}

/** What AWS said that deployments cost. */
export interface Costs {
  /** Strongly consistent. */
  month(id: CostMonthId): Promise<CostMonth | undefined>;
  /** Writes unless the stored reading is as new or newer. */
  put(cost: CostMonth): Promise<"put" | "stale">;
  status(deploymentId: string): Promise<MeterStatus | undefined>;
  setStatus(status: MeterStatus): Promise<void>;
}

export type CostMonthId = Pick<CostMonth, "deploymentId" | "metric" | "scope" | "month">;

/** Where a deployment's cost comes from. Never throws for what AWS may answer. */
export interface CostSource {
  /** What to expect of its figures, and what asking for them costs. */
  describe(deployment: Deployment): CostSourceFacts;
  read(request: CostRequest): Promise<CostReading>;
  /** Whether the stack is still there, as far as its own role lets us see. */
  stack(deployment: Deployment): Promise<"exists" | "gone" | "unknown">;
}

/** A source in words and figures, for statements and for people who choose one. */
export interface CostSourceFacts {
  readonly kind: "cost-explorer" | "data-export" | "athena";
  /** After how many hours a day's cost is usually complete. */
  readonly lagHours: number;
  /** When a figure changes no more: a sentence. */
  readonly finality: string;
  /** Exact decimal text; what one request costs whoever pays for it. */
  readonly usdPerRequest: string;
  readonly paidBy: ReadingCost["paidBy"];
}

export interface CostRequest {
  readonly deployment: Deployment;
  readonly metric: CostMetric;
  readonly scope: CostScope;
  /** Inclusive. */
  readonly from: Day;
  /** Exclusive. */
  readonly to: Day;
  /**
   * The deployment was there for long enough to show cost, and never did: a source then finds out
   * whether that is because its tag was never activated, or its account is not in the data.
   */
  readonly costIsOverdue?: boolean;
  readonly timeoutMs?: number;
}

export type CostReading =
  | {
      readonly kind: "read";
      readonly days: Readonly<Record<Day, CostDay>>;
      /** The cost tag is in use, though this deployment has no cost under it. */
      readonly tagIsActive?: boolean;
      /** Paid requests it took. */
      readonly requests: number;
    }
  | {
      readonly kind: "unreadable";
      readonly reason: ReadProblem["reason"];
      readonly message: string;
      readonly requests: number;
    };

/** What licenses used of the product, as rating sees it. */
export interface Usage {
  /**
   * The newest figures, or undefined if nothing was ever recorded for the month.
   *
   * With `life`, only events whose own `time` lies inside count: the hours in which it begins and
   * ends are then cut to the millisecond, for a license that ends at 10:30.
   */
  month(
    licenseId: string,
    meter: string,
    month: Month,
    life?: Period,
  ): Promise<UsageMonth | undefined>;
}

/**
 * Where usage events lie. No transactions: each call touches one item, or reads one partition,
 * strongly consistent. `record-usage.ts` and `roll-up-usage.ts` say why their order holds.
 */
export interface UsageStore {
  /** Puts the event's identity if its (source, id) is free; answers what holds it from now on. */
  claim(event: RecordedEvent): Promise<RecordedEvent>;
  holder(
    id: Pick<RecordedEvent, "licenseId" | "source" | "id">,
  ): Promise<RecordedEvent | undefined>;
  /** Puts the event into its segment. The same event again changes nothing. */
  put(event: RecordedEvent): Promise<void>;
  has(event: RecordedEvent): Promise<boolean>;
  /** Says that the segment has to be summed (again). */
  mark(segment: UsageSegment): Promise<void>;

  /** The marks of a month, each with the token of its newest `mark`. */
  marks(meter: UsageMeter, month: Month): Promise<readonly UsageMark[]>;
  /** Removes the mark unless there was another `mark` since. */
  unmark(mark: UsageMark): Promise<void>;
  /** What lies in one segment or, without its name, in the whole hour. */
  events(of: UsageMeter & { hour: UsageHour; segment?: string }): AsyncIterable<UsageAmount>;
  /** The sums of an hour's segments. */
  sums(of: UsageMeter & { hour: UsageHour }): Promise<readonly SegmentSum[]>;
  /** Writes if the stored revision is one less (none stored counts as 0). */
  setSum(segment: UsageSegment, sum: SegmentSum): Promise<"set" | "outrun">;
  /** The days of a month that hold anything, in the order of the days. */
  days(meter: UsageMeter, month: Month): Promise<readonly UsageDay[]>;
  day(meter: UsageMeter, day: Day): Promise<UsageDay | undefined>;
  /** Same condition as `setSum`. */
  setDay(meter: UsageMeter, day: UsageDay): Promise<"set" | "outrun">;
}

export type UsageMeter = Pick<UsageSegment, "licenseId" | "meter">;
export type UsageAmount = Pick<RecordedEvent, "time" | "quantity">;
export type UsageMark = UsageSegment & { readonly token: string };

export interface SegmentSum {
  readonly segment: string;
  readonly revision: number;
  /** Exact decimal text. */
  readonly quantity: string;
}

export interface UsageDay {
  readonly day: Day;
  readonly revision: number;
  /** Exact decimal text. */
  readonly hours: Readonly<Record<UsageHour, string>>;
}

/** What contracts entitled licenses to, as AWS told it. */
export interface Entitlements {
  /** Strongly consistent; undefined while they were never read. */
  periods(licenseId: string): Promise<readonly EntitlementPeriod[] | undefined>;
}

/** BatchMeterUsage. Never throws: what is not known is an `unanswered` attempt. */
export interface MeteringGateway {
  /**
   * At most 25 records and 1 MB, of one product, all identified the same way, in the region that
   * their licenses are metered from (`callGroup`, `packed`).
   */
  send(batch: MeteringBatch): Promise<Attempt>;
}

export interface MeteringBatch {
  readonly region: string;
  readonly records: readonly MeteringBatchRecord[];
}

export interface MeteringBatchRecord {
  /** What the item's hash stands for; the reporter looks them up when they are absent. */
  readonly allocations?: readonly Allocation[] | undefined;
  readonly license: License;
  readonly key: ChainKey;
  readonly item: MeteringRecord;
}

/** What a person must hear of. Money at stake is named; secrets and buyer contacts never are. */
export interface Alarms {
  raise(alarm: Alarm): void;
}

export interface Alarm {
  readonly kind:
    | "expired"
    | "refused"
    | "in-doubt"
    | "duplicate"
    | "held"
    | "barred"
    | "cost-unreadable"
    | "entitlements-unreadable"
    | "unknown-plan"
    /** A deployment in another account runs unmetered until its license's holder lets it in. */
    | "unconfirmed"
    | "failed";
  readonly licenseId: string;
  readonly dimension?: string;
  readonly month?: Month;
  readonly usd?: string;
  readonly message: string;
}
