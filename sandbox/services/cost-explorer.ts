import { isAbsolute, resolve } from "node:path";
import { AwsError } from "../aws-service.ts";
import type { AwsRequest, AwsService, Iam } from "../aws-service.ts";
import { tagRegister } from "../cost/cost-allocation-tags.ts";
import type { TagChange, TagStatus } from "../cost/cost-allocation-tags.ts";
import { isVisible, restatementRow } from "../cost/cost-ledger.ts";
import type { Restatement, VisibleCost } from "../cost/cost-ledger.ts";
import { parseDecimal } from "../cost/decimal.ts";
import { readFocusFile } from "../cost/focus-file.ts";
import type { CostRow } from "../cost/focus-file.ts";
import { getCostAndUsage } from "../cost/get-cost-and-usage.ts";
import type { SandboxClock, SandboxPart } from "../sandbox.ts";

/** Whose cost a file is: AWS's rows of one account in it, shown as a sandbox account's own. */
export interface CostSource {
  readonly file: string;
  /** SubAccountId in the file; all of AWS's rows when left out. */
  readonly sourceAccountId?: string | undefined;
  /** Account of the sandbox that this cost belongs to. */
  readonly accountId: string;
  /** Shows the same rows again in each of so many months that follow. */
  readonly repeatMonths?: number | undefined;
  /** Added to every row, e.g. the deployment's cost-allocation tag. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface CostSourceSummary extends CostSource {
  readonly rows: number;
  readonly firstDay: string;
  readonly lastDay: string;
}

/** Cost Explorer with the files behind it. */
export interface CostExplorer extends SandboxPart {
  /** Replaces the account's source. Throws a plain Error, with a sentence, for a bad file. */
  addSource(source: CostSource): Promise<CostSourceSummary>;
  sources(): Promise<readonly CostSourceSummary[]>;
  restate(restatement: Omit<Restatement, "madeAt">): Restatement;
  restatements(): readonly Restatement[];
  /** Activates or deactivates a cost-allocation tag, as the payer does. */
  changeTag(change: TagChange): TagStatus;
  tags(): readonly TagStatus[];
}

export interface CostExplorerDeps {
  readonly clock: SandboxClock;
  readonly iam: Iam;
  readonly changed: () => void;
  /** ResultsByTime on one page. */
  readonly pageSize: () => number;
  /** Whether a tag counts that nobody has activated; on AWS it doesn't. */
  readonly tagsNeedActivation: () => boolean;
}

interface Loaded {
  readonly source: CostSource;
  readonly rows: readonly CostRow[];
}

export function costExplorer(deps: CostExplorerDeps): CostExplorer {
  const { clock, changed } = deps;
  const loaded = new Map<string, Loaded>();
  let pending: readonly CostSource[] = [];
  let restatements: Restatement[] = [];
  const tags = tagRegister({
    now: () => clock.now(),
    changed,
    needActivation: deps.tagsNeedActivation,
  });

  /** Files named by the saved state are read when they are first asked for. */
  const load = async (): Promise<void> => {
    const missing = pending.filter(({ accountId }) => !loaded.has(accountId));
    for (const source of missing) loaded.set(source.accountId, await read(source));
    pending = [];
  };

  const visible = (accountId: string, now: number): VisibleCost[] | undefined => {
    const known = loaded.get(accountId);
    const own = restatements.filter((one) => one.accountId === accountId);
    return known && visibleCosts(known, own, now).map((cost) => tags.shown(cost, now));
  };

  const service: AwsService = {
    signingNames: ["ce"],
    targetPrefix: "AWSInsightsIndexService",
    async handle(request: AwsRequest): Promise<unknown> {
      authorize(deps.iam, request);
      await load();
      const now = clock.now();
      const costs = visible(request.caller.accountId, now);
      if (costs === undefined) {
        throw new AwsError(
          "DataUnavailableException",
          "Data is not available. Please try to adjust the time period. If just enabled Cost Explorer, data might not be ingested yet",
        );
      }
      return getCostAndUsage(costs, request.input, now, deps.pageSize());
    },
  };

  return {
    services: [service],
    async addSource(source) {
      await load();
      const added = await read(source);
      loaded.set(source.accountId, added);
      changed();
      return summary(added);
    },
    async sources() {
      await load();
      return [...loaded.values()].map(summary);
    },
    restate(wanted) {
      if (parseDecimal(wanted.amountUsd) === undefined) {
        throw new RangeError(`amountUsd is not a number: ${JSON.stringify(wanted.amountUsd)}`);
      }
      const restatement = { ...wanted, madeAt: clock.now() };
      restatements = [...restatements, restatement];
      changed();
      return restatement;
    },
    restatements: () => restatements,
    changeTag: (change) => tags.change(change),
    tags: () => tags.list(),
    snapshot: () => ({
      tagStatuses: tags.list(),
      sources: [...pending, ...[...loaded.values()].map(({ source }) => source)],
      restatements,
    }),
    restore(snapshot) {
      const saved = snapshot as {
        sources: CostSource[];
        restatements: Restatement[];
        tagStatuses?: TagStatus[];
      };
      tags.restore(saved.tagStatuses ?? []);
      pending = saved.sources;
      restatements = saved.restatements;
    },
  };
}

function visibleCosts(
  { rows, source }: Loaded,
  restatements: readonly Restatement[],
  now: number,
): VisibleCost[] {
  const { accountId, tags = {} } = source;
  const shown = rows
    .filter((row) => isVisible(row, now))
    .map((row) => ({ ...row, accountId, tags: { ...row.tags, ...tags } }));
  const corrections = restatements.map((one) => ({
    ...restatementRow(one, parseDecimal(one.amountUsd) ?? 0n),
    tags,
  }));
  return [...shown, ...corrections];
}

async function read(source: CostSource): Promise<Loaded> {
  const file = isAbsolute(source.file) ? source.file : resolve(source.file);
  const rows = await readFocusFile(file, source.sourceAccountId);
  const months = Array.from({ length: source.repeatMonths ?? 0 }, (_, month) => month + 1);
  const again = months.flatMap((month) => rows.flatMap((row) => inLaterMonth(row, month)));
  return { source: { ...source, file }, rows: [...rows, ...again] };
}

/** The same day of a later month; none where that month is too short. */
function inLaterMonth(row: CostRow, months: number): CostRow[] {
  const date = new Date(row.day);
  const month = date.getUTCMonth() + months;
  const day = Date.UTC(date.getUTCFullYear(), month, date.getUTCDate());
  return new Date(day).getUTCDate() === date.getUTCDate() ? [{ ...row, day }] : [];
}

function summary({ source, rows }: Loaded): CostSourceSummary {
  const days = rows.map(({ day }) => day);
  const dateText = (instant: number) => new Date(instant).toISOString().slice(0, 10);
  return {
    ...source,
    rows: rows.length,
    firstDay: dateText(days.reduce((first, day) => Math.min(first, day))),
    lastDay: dateText(days.reduce((last, day) => Math.max(last, day))),
  };
}

function authorize(iam: Iam, { action, caller, region }: AwsRequest): void {
  if (action !== "GetCostAndUsage") {
    throw new AwsError("UnknownOperationException", `Cost Explorer here has no ${action}.`);
  }
  const resource = `arn:${caller.partition}:ce:${region}:${caller.accountId}:/GetCostAndUsage`;
  if (!iam.isAllowed(caller, "ce:GetCostAndUsage", resource)) {
    throw new AwsError(
      "AccessDeniedException",
      `User: ${caller.arn} is not authorized to perform: ce:GetCostAndUsage on resource: ${resource} because no identity-based policy allows the ce:GetCostAndUsage action`,
    );
  }
}
