import { explainMonth, statementMonths } from "../../metering/explain-month.ts";
import type { Entry } from "./book.ts";
import { Broken, holds, show } from "./broken.ts";
import { duplicateBilling } from "../../sandbox/marketplace/duplicate-billing.ts";
import { MOST_UNITS } from "./oracle/aws-rules.ts";
import { fraction, pico } from "./oracle/fractions.ts";
import { DAY, dayAt, HOUR, monthSpan } from "./oracle/spans.ts";
import { priceAt } from "./price-truth.ts";
import { lastChangeOf, type LicenseStory } from "./story-licenses.ts";
import { DIMENSIONS } from "./story-plans.ts";
import type { Watch } from "./watch.ts";
import type { World } from "./world.ts";

/** When all is said: the ledger, AWS's own records, and an account of what was owed, agree. */
export async function checkEnd(
  world: World,
  watch: Watch,
  foreign: ReadonlySet<string>,
): Promise<void> {
  const doubled = duplicateBilling(world.aws);
  holds("I1 never both identifications for an hour", doubled.length === 0, () => doubled);
  for (const license of world.story.licenses) {
    for (const dimension of DIMENSIONS) {
      await checkChain(world, watch, license, dimension, foreign);
    }
    await checkStatements(world, watch, license);
  }
  checkAlarms(world, watch);
  checkReadings(world, watch);
}

async function checkChain(
  world: World,
  { books, facts }: Watch,
  told: LicenseStory,
  dimension: string,
  foreign: ReadonlySet<string>,
): Promise<void> {
  const key = { licenseId: told.id, dimension };
  const book = books(key);
  const atAws = Object.values(world.aws.records).filter(
    (record) => record.licenseArn === told.arn && record.dimension === dimension,
  );
  const isForeign = (hour: number) => foreign.has(`${told.id} ${dimension} ${hour}`);
  for (const entry of book.entries) checkOutcome(entry, atAws, isForeign);
  for (const record of atAws) {
    if (isForeign(record.hour)) continue;
    const entry = book.entries.find((each) => each.record.hour === record.hour);
    const same = entry?.record.quantity === record.quantity;
    holds("I3 AWS bills nothing that the ledger doesn't know", same, () => ({ record, entry }));
    const { endedAt = Infinity } = told.end ?? {};
    holds("I7 not after the end", record.timestamp <= endedAt, () => record);
  }
  const license = await world.licenses.get(told.id);
  if (license === undefined || told.end !== undefined) return;
  const last = world.story.passes.at(-1) ?? 0;
  const { paid, trial } = facts.owed(license, dimension, last - HOUR);
  const trialEnd = world.story.prices.offers.find(
    ({ offerId }): boolean => offerId === told.offerId,
  )?.freeTrialDays;
  const since = trialEnd === undefined ? -Infinity : told.activatedAt + trialEnd * DAY;
  if (last - 2 * HOUR < since) return;
  const price = priceAt(world.story, told, dimension, last);
  const committed = book.committed(since);
  // What was billed while the trial lasted for days behind it is credit of the days behind it.
  const early = since === -Infinity ? 0n : book.committed() - book.committed(since) - trial;
  const isFull = book.entries.at(-1)?.record.quantity === MOST_UNITS;
  holds("I4 caught up to less than a unit", paid - committed < price || isFull, () => ({
    ...{ key, paid, committed, price, early },
  }));
}

/** A few calm passes later: whatever was left lying by somebody has been found and sent. */
export function checkNothingLies({ story }: World, { books }: Watch): void {
  for (const { id: licenseId } of story.licenses) {
    for (const dimension of DIMENSIONS) {
      const pending = books({ licenseId, dimension }).pending();
      const isFine =
        pending === undefined || pending.isLate || pending.record.sealedAt >= story.end;
      holds("I5 no record is left lying", isFine, () => pending);
    }
  }
}

interface AtAws {
  readonly hour: number;
  readonly quantity: number;
}

function checkOutcome(
  entry: Entry,
  atAws: readonly AtAws[],
  isForeign: (hour: number) => boolean,
): void {
  const { record, outcome } = entry;
  const there = atAws.find(({ hour }) => hour === record.hour);
  const detail = () => ({ entry, there });
  holds("I5 every record gets an outcome", outcome !== undefined, detail);
  switch (outcome?.kind) {
    case "accepted":
      return holds(
        "I3 accepted means that AWS has it",
        there?.quantity === record.quantity,
        detail,
      );
    case "expired":
    case "refused":
      return holds(
        "I5 owed again means that AWS has it not",
        // What somebody else wrote for the hour is theirs, unless it can't be told from ours.
        there === undefined || (isForeign(there.hour) && there.quantity !== record.quantity),
        detail,
      );
    case "duplicate":
      return holds("I5 a conflict is one", there?.quantity !== record.quantity, detail);
    case "in-doubt":
    case undefined:
      return;
  }
}

/** Whatever went wrong was told, with the money at stake; nothing else has failed. */
function checkAlarms({ alarms, story }: World, { books }: Watch): void {
  const told = alarms.map(({ kind, licenseId, dimension, usd }) =>
    [kind, licenseId, dimension, usd === undefined ? "" : pico(fraction(usd))].join(" "),
  );
  for (const { id: licenseId } of story.licenses) {
    for (const dimension of DIMENSIONS) {
      for (const { record, outcome, isHeard } of books({ licenseId, dimension }).entries) {
        if (outcome === undefined || outcome.kind === "accepted" || !isHeard) continue;
        const usd = BigInt(record.quantity) * record.unitPrice;
        const alarm = [outcome.kind, licenseId, dimension, usd].join(" ");
        holds("I5 an alarm with the money at stake", told.includes(alarm), () => alarm);
      }
    }
  }
  const failed = alarms.find(
    ({ kind, message }) =>
      ["failed", "unknown-plan"].includes(kind) && !message.includes("store is away"),
  );
  holds("no pass fails", failed === undefined, () => failed);
}

/** A month is read until AWS changes it no more, unless nobody could. */
function checkReadings(world: World, { facts }: Watch): void {
  const { story, truth } = world;
  for (const reading of facts.readings()) {
    const { to } = monthSpan(reading.month);
    const told = story.licenses.find(({ deployments }) =>
      deployments.some(({ id }) => id === reading.deploymentId),
    );
    const deployment = truth.deployment(reading.deploymentId);
    if (told?.end !== undefined || deployment.deletedAt !== undefined) continue;
    const until = to + 15 * DAY;
    const hindered = [...story.outages, ...story.unreadable].some(
      (span) => span.from < until && span.to > to + 10 * DAY,
    );
    if (hindered || story.end < until || told === undefined) continue;
    const first = Math.max(
      monthSpan(reading.month).from,
      Math.ceil(deployment.registeredAt / DAY) * DAY,
    );
    for (let day = first; day < to; day += DAY) {
      const final = truth.shown(reading, day, lastChangeOf(reading.month));
      const read = reading.days[dayAt(day)];
      holds("I4 the last word of AWS is read", final?.usd.Usage === read?.usd.Usage, () => ({
        ...{ day: dayAt(day), final, read, of: reading.deploymentId },
      }));
    }
  }
}

/** Every statement balances on its own, and the months add up to the ledger. */
async function checkStatements(world: World, { books }: Watch, told: LicenseStory): Promise<void> {
  const entitled = [{ dimension: "units", units: "20.5", from: 0, until: Infinity }];
  const { usageOf } = await import("../../metering/roll-up-usage.ts");
  const deps = {
    ...{ ledger: world.ledger, clock: world.clock, licenses: world.licenses, costs: world.costs },
    ...{ plans: world.story.plans, prices: world.story.prices },
    entitlements: { periods: async () => entitled },
    usage: usageOf(world.usageStore),
  };
  let units = 0;
  const months = await statementMonths(deps, told.id);
  const isAll = months.length <= 3;
  for (const month of isAll ? months : months.slice(1, 2)) {
    const statement = await explainMonth(deps, told.id, month);
    if (statement === undefined) throw new Broken("I3 a statement for every month", month);
    const t = statement.totals;
    const usd = (text: string) => pico(fraction(text));
    holds(
      "I3 a statement balances",
      usd(t.carriedInUsd) + usd(t.ratedUsd) + usd(t.creditUsd) ===
        usd(t.billedUsd) +
          usd(t.freeTrialUsd) +
          usd(t.writtenOffUsd) +
          usd(t.inDoubtUsd) +
          usd(t.pendingUsd) +
          usd(t.carriedUsd) +
          usd(t.forfeitedUsd),
      () => show(t),
    );
    holds("no record bills less than nothing", !t.billedUsd.startsWith("-"), () => show(t));
    units += t.acceptedUnits;
  }
  if (!isAll) return;
  const accepted = DIMENSIONS.flatMap(
    (dimension) => books({ licenseId: told.id, dimension }).entries,
  )
    .filter(({ outcome }) => outcome?.kind === "accepted")
    .reduce((sum, { record }) => sum + record.quantity, 0);
  holds("I3 statements hold every accepted unit once", units === accepted, () => ({
    ...{ units, accepted, of: told.id },
  }));
}
