import {
  amountOf,
  committedThrough,
  isCommitted,
  isPending,
  isRecord,
  type ChainItem,
  type MeteringRecord,
} from "../../metering/domain/chain.ts";
import { explainMonth, statementMonths } from "../../metering/explain-month.ts";
import { monthOf } from "../../metering/domain/calendar.ts";
import { exactUsd } from "../../metering/domain/money.ts";
import { monthsBetween } from "../../metering/domain/open-months.ts";
import { termsOf } from "../../metering/domain/terms.ts";
import { rateLicense } from "../../metering/rate-license.ts";
import { Broken, holds, show } from "./broken.ts";
import type { Costs, Ledger, MeteringGateway } from "../../metering/ports.ts";
import { DAY, HOUR, plansOf, pricesOf } from "./story.ts";
import { LICENSE_ARN, LICENSE_ID, shownCost, type World } from "./world.ts";

/** What must hold at the moment of a seal, a settlement and a call, not only in the end. */
export function watched(world: World) {
  const sealed = new Map<string, ChainItem>();
  const sent = new Map<string, string>();

  const ledger: Ledger = {
    ...world.ledger,
    async seal(key, item) {
      const result = await world.ledger.seal(key, item);
      if (result === "taken") return result;
      if (item.kind !== "record") return result;
      const chain = await world.ledger.chain(key);
      const before = chain[item.n - 1];
      const detail = () => show({ item, before });
      holds("I1 hours rise along a chain", before === undefined || item.hour > before.hour, detail);
      holds("I5 a chain waits for its newest record", !isPending(before), detail);
      const committed = committedThrough(before);
      holds("I4 committed before", item.committedBefore === committed, detail);
      holds("I4 never over-bill", committed + amountOf(item) <= item.ratedTotal, detail);
      holds("I4 no older figures", item.observedAt >= (before?.observedAt ?? 0), detail);
      holds("I7 not before activation", item.stamp >= world.story.activatedAt, detail);
      // A worker may hold a license that it read before the end was heard of; not for hours.
      const { license } = world.story;
      const knewOfEnd = license !== undefined && license.heardAt < item.sealedAt - 6 * HOUR;
      holds("I7 not past the end", !knewOfEnd || item.stamp <= license.endedAt, detail);
      sealed.set(show([key, item.n]), item);
      return result;
    },
    async settle(key, item, outcome) {
      const result = await world.ledger.settle(key, item, outcome);
      const now = (await world.ledger.chain(key))[item.n];
      const first = sealed.get(show([key, item.n]));
      const frozen = (of: ChainItem | undefined) =>
        show({ ...of, owner: "", takenOver: false, outcome: undefined });
      holds("I2 a sealed record never changes", frozen(now) === frozen(first), () =>
        show({ now, first }),
      );
      return result;
    },
  };

  const gateway: MeteringGateway = {
    async send(batch) {
      for (const { key, item, license } of batch.records) {
        const record = (await world.ledger.chain(key))[item.n];
        const payload = show([
          item.stamp,
          item.quantity,
          license.licenseArn,
          license.buyerAccountId,
        ]);
        const id = show([key, item.n]);
        const sealedAs = record?.kind === "record" ? record.quantity : undefined;
        holds("I2 sealed before sent", sealedAs === item.quantity, () => show({ item, record }));
        holds("I1 a resend is identical", (sent.get(id) ?? payload) === payload, () =>
          show({ item }),
        );
        sent.set(id, payload);
      }
      return world.gateway.send(batch);
    },
  };
  const newest = new Map<string, number>();
  const costs: Costs = {
    ...world.costs,
    async put(cost) {
      const result = await world.costs.put(cost);
      const id = show([cost.deploymentId, cost.metric, cost.scope, cost.month]);
      newest.set(id, Math.max(newest.get(id) ?? 0, cost.observedAt));
      const stored = await world.costs.month(cost);
      holds("I4 a newer reading stays", stored?.observedAt === newest.get(id), () =>
        show({ cost }),
      );
      return result;
    },
  };
  return { ledger, gateway, costs };
}

/** protocol-facts A7 and A6 once more, apart from the product's own reading of them. */
function closing(stamp: number, endedAt: number | undefined): number {
  const date = new Date(stamp);
  const sixOnTheFirst = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1, 6);
  return Math.min(stamp + DAY, sixOnTheFirst, (endedAt ?? Infinity) + HOUR);
}

/** I6, at the moment a worker asks for the call: the wire may take its time afterwards. */
export function checkWindow(world: World, batch: Parameters<MeteringGateway["send"]>[0]): void {
  for (const { item, license } of batch.records) {
    holds(
      "I6 no closed record enters a batch",
      world.clock.now() < closing(item.stamp, license.endedAt) - 2 * 60_000,
      () => show({ item, now: world.clock.now() }),
    );
  }
  holds("I6 at most 25", batch.records.length <= 25, () => `${batch.records.length}`);
}

/** When all is said: the ledger, AWS's own records, and an account of what was owed, agree. */
export async function checkEnd(world: World): Promise<void> {
  const { story, aws } = world;
  const amounts = await ratedAmounts(world);
  const ratedOn = (dimension: string) =>
    amounts
      .filter((amount) => amount.dimension === dimension)
      .reduce((sum, { usd }) => sum + usd, 0n);
  const dimensions = new Set(story.plan.charges.map(({ dimension }) => dimension));
  const billed = Object.values(aws.records);

  for (const dimension of dimensions) {
    const key = { licenseId: LICENSE_ID, dimension };
    const chain = (await world.ledger.chain(key)).filter(isRecord);
    for (const item of chain) checkTruth(world, dimension, item);
    for (const record of billed.filter((each) => each.dimension === dimension)) {
      const item = chain.find(({ hour }) => hour === record.hour);
      holds(
        "I3 AWS bills nothing that the ledger doesn't know",
        item?.quantity === record.quantity,
        () => show({ record, item }),
      );
      holds("I7 not after the end", record.timestamp <= (story.license?.endedAt ?? Infinity), () =>
        show(record),
      );
    }
    const committed = committedThrough(chain.at(-1));
    const sum = chain
      .filter(({ outcome }) => isCommitted(outcome))
      .reduce((all, item) => all + amountOf(item), 0n);
    holds("I3 the running sum is the sum", sum === committed, () => show({ sum, committed }));
    const rated = ratedOn(dimension);
    if (story.license === undefined) {
      const price = exactUsd(story.unitPrices[dimension] ?? "");
      holds("I4 caught up to less than a unit", rated - committed < price, () =>
        show({ rated, committed, price }),
      );
    }
  }
  checkAlarms(world);
  checkRated(
    world,
    [...dimensions].reduce((all, dimension) => all + ratedOn(dimension), 0n),
    await lastReading(world),
  );
  await checkStatements(world);
}

function checkTruth({ aws }: World, dimension: string, item: MeteringRecord): void {
  const atAws = Object.values(aws.records).find(
    (record) => record.dimension === dimension && record.hour === item.hour,
  );
  const detail = () => show({ item, atAws });
  holds("I5 every record gets an outcome", item.outcome !== undefined, detail);
  switch (item.outcome?.kind) {
    case "accepted":
      return holds("I3 accepted means that AWS has it", atAws?.quantity === item.quantity, detail);
    case "expired":
    case "refused":
      return holds("I5 owed again means that AWS has it not", atAws === undefined, detail);
    case "duplicate":
      return holds("I1 nobody else writes, so nothing conflicts", false, detail);
    case "in-doubt":
    case undefined:
      return;
  }
}

function checkAlarms({ alarms }: World): void {
  const failed = alarms.find(({ kind }) =>
    ["failed", "held", "barred", "unknown-plan"].includes(kind),
  );
  holds("no pass fails", failed === undefined, () => show(failed));
}

async function lastReading(world: World): Promise<number | undefined> {
  return (await world.costs.status("d-1"))?.readAt;
}

/** An account of what was owed that shares no code with the product: sums, then one floor. */
function checkRated({ story, clock }: World, rated: bigint, readAt: number | undefined): void {
  const end = Math.min(story.license?.endedAt ?? Infinity, clock.now());
  if (story.license !== undefined) return;
  let expected = 0n;
  const monthEnd = Date.UTC(
    new Date(story.end).getUTCFullYear(),
    new Date(story.end).getUTCMonth(),
    1,
  );
  const months = [
    [
      Date.UTC(new Date(monthEnd - 1).getUTCFullYear(), new Date(monthEnd - 1).getUTCMonth(), 1),
      monthEnd,
    ],
    [
      monthEnd,
      Date.UTC(new Date(monthEnd).getUTCFullYear(), new Date(monthEnd).getUTCMonth() + 1, 1),
    ],
  ] as const;
  for (const [from, to] of months) {
    for (const charge of story.plan.charges) {
      if (charge.kind === "percentageOfCost") {
        const begin = charge.costScope === "account" ? story.registeredAt : story.activatedAt;
        let usd14 = 0n;
        for (let day = Math.ceil(Math.max(begin, from) / DAY) * DAY; day < to; day += DAY) {
          usd14 += shownCost(story, new Date(day).toISOString().slice(0, 10), readAt ?? 0) ?? 0n;
        }
        const tenths = BigInt(Number(charge.percent) * 10);
        expected += floor(usd14 * tenths, 100_000n);
      } else if (charge.kind === "license") {
        const unit = charge.proration === "daily" ? DAY : HOUR;
        const inside =
          Math.floor(Math.min(end, to) / unit) -
          Math.ceil(Math.max(story.activatedAt, from) / unit);
        const micro = BigInt(Math.round(Number(charge.perMonth) * 100)) * 10_000_000_000n;
        if (charge.proration === "none") expected += inside > 0 ? micro : 0n;
        else expected += floor(micro * BigInt(Math.max(0, inside)), BigInt((to - from) / unit));
      }
    }
  }
  holds(
    "rated is what AWS showed at the last reading, and the time that passed",
    rated === expected,
    () => show({ rated, expected, readAt }),
  );
}

function floor(a: bigint, b: bigint): bigint {
  return a < 0n && a % b !== 0n ? a / b - 1n : a / b;
}

/** Every statement balances on its own, and the months add up to the ledger. */
async function checkStatements(world: World): Promise<void> {
  const { story } = world;
  const deps = explainDeps(world);
  let units = 0;
  for (const month of await statementMonths(deps, LICENSE_ID)) {
    const statement = await explainMonth(deps, LICENSE_ID, month);
    if (statement === undefined) throw new Broken("I3 a statement for every month", month);
    const t = statement.totals;
    const usd = (text: string) => exactUsd(text);
    holds(
      "I3 a statement balances",
      usd(t.carriedInUsd) + usd(t.ratedUsd) + usd(t.creditUsd) ===
        usd(t.billedUsd) +
          usd(t.inDoubtUsd) +
          usd(t.pendingUsd) +
          usd(t.carriedUsd) +
          usd(t.forfeitedUsd),
      () => show(t),
    );
    units += t.acceptedUnits;
    holds("no record bills less than nothing", !t.billedUsd.startsWith("-"), () => show(t));
  }
  let accepted = 0;
  for (const dimension of new Set(story.plan.charges.map((charge) => charge.dimension))) {
    for (const item of await world.ledger.chain({ licenseId: LICENSE_ID, dimension })) {
      if (isRecord(item) && item.outcome?.kind === "accepted") accepted += item.quantity;
    }
  }
  holds("I3 statements hold every accepted unit once", units === accepted, () =>
    show({ units, accepted, of: LICENSE_ARN }),
  );
}

function explainDeps(world: World) {
  return { ...world, plans: plansOf(world.story), prices: pricesOf(world.story) };
}

/** What all months come to by the inputs in the store: the product's own figures. */
async function ratedAmounts(world: World) {
  const license = await world.licenses.get(LICENSE_ID);
  if (license === undefined) throw new Broken("the license stays", "");
  const terms = termsOf(license, plansOf(world.story));
  const now = world.clock.now();
  const months = monthsBetween(monthOf(world.story.activatedAt), monthOf(license.endedAt ?? now));
  const dimensions = new Set(world.story.plan.charges.map(({ dimension }) => dimension));
  return rateLicense(world, {
    license,
    terms,
    freeTrialEndsAt: undefined,
    dimensions,
    months,
    now,
  });
}
