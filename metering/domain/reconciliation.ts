import { HOUR, hourOf, type Period } from "./calendar.ts";
import { type ChainItem, isRecord, type MeteringRecord } from "./chain.ts";
import { billedOf } from "./evidence.ts";
import type { Instant } from "./license.ts";
import type { Comparison, Difference } from "./difference.ts";
import type { Usd } from "./money.ts";
import {
  type Billing,
  billingsOf,
  coverageOf,
  identificationOf,
  type Observation,
  type Trail,
} from "./observation.ts";

export interface CompareInput {
  readonly license: { readonly licenseId: string; readonly meteringRegion: string };
  /** By dimension. */
  readonly chains: ReadonlyMap<string, readonly ChainItem[]>;
  /** The observations are of this license alone. */
  readonly trail: Trail;
  readonly priceAt: (dimension: string, stamp: Instant) => Usd | undefined;
  /** Hours outside are not compared. */
  readonly period: Period;
}

/** Compares one license's ledger with what calls of BatchMeterUsage billed. Pure. */
export function compareLicense(input: CompareInput): Comparison {
  const slots = new Map<string, Slot>();
  const slotOf = (dimension: string, instant: Instant): Slot => {
    const hour = hourOf(instant);
    const key = JSON.stringify([dimension, hour]);
    const slot = slots.get(key) ?? { dimension, hour, observations: [] };
    slots.set(key, slot);
    return slot;
  };
  for (const [dimension, chain] of input.chains) {
    for (const item of chain) {
      if (isRecord(item)) slotOf(dimension, item.stamp).entry = entryOf(item, chain);
    }
  }
  for (const one of input.trail.observations) {
    slotOf(one.dimension, one.stamp).observations.push(one);
  }
  const { start, end } = input.period;
  const results = [...slots.values()]
    .filter(({ hour }) => hour + HOUR > start && hour < end)
    .sort((a, b) => a.hour - b.hour)
    .map((slot) => compareSlot(input, slot));
  return {
    differences: results.flatMap(({ differences }) => differences),
    agreed: results.filter(({ state }) => state === "agreed").length,
    notCovered: results.filter(({ state }) => state === "not-covered").length,
    pending: results.filter(({ state }) => state === "pending").length,
  };
}

interface Slot {
  readonly dimension: string;
  readonly hour: Instant;
  readonly observations: Observation[];
  entry?: Entry;
}

/** What the ledger says that AWS billed of a record; undefined units: it can't say. */
interface Entry {
  readonly record: MeteringRecord;
  readonly units: number | undefined;
}

function entryOf(record: MeteringRecord, chain: readonly ChainItem[]): Entry {
  const evidence = billedOf(chain, record.n);
  if (evidence !== undefined) return { record, units: evidence.billed };
  switch (record.outcome?.kind) {
    case "accepted":
      return { record, units: record.quantity };
    case "expired":
    case "refused":
      return { record, units: 0 };
    case "duplicate":
    case "in-doubt":
    case undefined:
      return { record, units: undefined };
  }
}

interface SlotResult {
  readonly differences: readonly Difference[];
  readonly state: "agreed" | "not-covered" | "pending" | "differs" | "nothing";
}

function compareSlot(input: CompareInput, slot: Slot): SlotResult {
  const billings = billingsOf(slot.observations);
  const { entry } = slot;
  const own = entry === undefined ? undefined : billings.find((one) => isOwn(input, entry, one));
  const others = billings.filter((billing) => billing !== own);
  const beside = others.map((billing) => besideLedger(input, slot, billing, billings));
  if (entry === undefined) {
    return { differences: beside, state: beside.length === 0 ? "nothing" : "differs" };
  }
  if (entry.record.outcome === undefined) return { differences: beside, state: "pending" };
  const { differences, state } = compareEntry(input, slot, entry, own);
  return { differences: [...differences, ...beside], state };
}

/** The record as this ledger sends it: from the license's region, by its own identification. */
function isOwn({ license }: CompareInput, { record }: Entry, billing: Billing): boolean {
  return billing.region === license.meteringRegion && billing.identifiedBy === record.identifiedBy;
}

function besideLedger(
  input: CompareInput,
  { dimension, hour, entry }: Slot,
  billing: Billing,
  all: readonly Billing[],
): Difference {
  const price = input.priceAt(dimension, billing.stamp);
  const usd = price === undefined ? undefined : BigInt(billing.quantity) * price;
  const isOtherway = all.some(({ identifiedBy }) => identifiedBy !== billing.identifiedBy);
  const kind: BesideKind =
    isOtherway || (entry !== undefined && entry.record.identifiedBy !== billing.identifiedBy)
      ? "both-identifications"
      : entry !== undefined
        ? "other-region"
        : "unknown-to-ledger";
  return {
    kind,
    licenseId: input.license.licenseId,
    dimension,
    hour,
    ledger: entry === undefined ? "no record" : wordsOf(entry.record),
    aws: billingWords(billing),
    usd,
    billedTwice: usd,
    meaning: MEANING_BESIDE[kind],
  };
}

type BesideKind = "unknown-to-ledger" | "both-identifications" | "other-region";

const MEANING_BESIDE: Readonly<Record<BesideKind, string>> = {
  "unknown-to-ledger":
    "Somebody else meters this license: the buyer pays for it beside this ledger. Find the caller and stop it; give the money back with --adjust.",
  "both-identifications":
    "The hour was metered by ProductCode and by LicenseArn: the buyer pays twice. Stop the other meter; give the money back with --adjust.",
  "other-region":
    "The hour was also metered in another region, where AWS can't see the repetition: the buyer pays twice. Stop the other meter; give the money back with --adjust.",
};

function compareEntry(
  input: CompareInput,
  { dimension, hour, observations }: Slot,
  { record, units }: Entry,
  own: Billing | undefined,
): SlotResult {
  const about = { licenseId: input.license.licenseId, dimension, hour, ledger: wordsOf(record) };
  const differs = (difference: Omit<Difference, keyof typeof about>): SlotResult => ({
    differences: [{ ...about, ...difference }],
    state: "differs",
  });
  const coverage = coverageOf(input.trail, {
    region: input.license.meteringRegion,
    stamp: record.stamp,
  });
  const unknown = observations.find(
    (one) =>
      one.answer.kind === "unknown" &&
      one.region === input.license.meteringRegion &&
      identificationOf(one) === record.identifiedBy,
  );
  if (units === undefined)
    return differs({ about: record, ...openRecord(record, own, unknown, coverage) });
  if (own === undefined) {
    if (units === 0 && record.outcome?.kind !== "accepted") {
      return { differences: [], state: "agreed" };
    }
    if (unknown !== undefined || coverage.kind === "none") {
      return { differences: [], state: "not-covered" };
    }
    return differs({
      kind: "not-at-aws",
      aws: `no successful call in ${coverage.source}`,
      usd: -(BigInt(units) * record.unitPrice),
      meaning:
        "The ledger counts it as billed and no call shows it. Check that the log is of the account that meters; the seller's usage report says what AWS bills.",
    });
  }
  if (own.quantity !== units) {
    const isLost = units === 0 && record.outcome?.kind !== "accepted";
    return differs({
      kind: isLost ? "billed-after-all" : "other-quantity",
      aws: billingWords(own),
      usd: BigInt(own.quantity - units) * record.unitPrice,
      meaning: isLost
        ? "The ledger holds it for not billed, and AWS billed it: its money was owed again and may be billed twice. Give it back with --adjust, and report this as a fault of Launchmeter."
        : "AWS billed another quantity than the ledger says. The invoice follows AWS; a billing adjustment corrects it.",
      ...(own.quantity > units
        ? { billedTwice: BigInt(own.quantity - units) * record.unitPrice }
        : {}),
    });
  }
  if (own.otherQuantity !== undefined) {
    return differs({
      kind: "other-quantity",
      aws: `${billingWords(own)}, and ${own.otherQuantity} units in another call`,
      meaning:
        "AWS says that it accepted two quantities for one hour, which it never should. The usage report says what is billed; ask AWS with the metering record ids.",
    });
  }
  const id = record.outcome?.kind === "accepted" ? record.outcome.meteringRecordId : undefined;
  if (own.meteringRecordIds.length > 1 || (id !== undefined && id !== own.meteringRecordIds[0])) {
    return differs({
      kind: "other-record-id",
      aws: billingWords(own),
      meaning:
        "Hour and quantity agree, the metering record id doesn't: another call may have been first. Nothing to pay back unless the usage report counts the hour twice.",
    });
  }
  return { differences: [], state: "agreed" };
}

/** A record that AWS gave no definite answer for, or that it holds another quantity for. */
function openRecord(
  record: MeteringRecord,
  own: Billing | undefined,
  unknown: Observation | undefined,
  coverage: ReturnType<typeof coverageOf>,
): Omit<Difference, "licenseId" | "dimension" | "hour" | "ledger"> {
  const kind = record.outcome?.kind === "duplicate" ? "conflicting" : "in-doubt";
  if (own?.otherQuantity !== undefined) {
    const aws = `${billingWords(own)}, and ${own.otherQuantity} units in another call`;
    return { kind, aws, meaning: "Can't be resolved: AWS contradicts itself. Ask it." };
  }
  if (own !== undefined) {
    const source = `CloudTrail event ${own.eventId} in ${own.region} at ${iso(own.at)}, ${own.quantity} units, ${own.meteringRecordIds.join(", ")}`;
    return {
      kind,
      aws: billingWords(own),
      usd: BigInt(own.quantity - record.quantity) * record.unitPrice,
      finding: { about: record.n, billed: own.quantity, source },
      meaning: `AWS billed ${own.quantity} units. Write that down with --resolve.`,
    };
  }
  if (coverage.kind === "complete" && unknown === undefined && kind === "in-doubt") {
    const source = `${coverage.source}: no successful call of this record, and no call left out`;
    return {
      kind,
      aws: `no successful call in ${coverage.source}`,
      usd: -(BigInt(record.quantity) * record.unitPrice),
      finding: { about: record.n, billed: 0, source },
      meaning: "AWS never took it: its money is owed again. Write that down with --resolve.",
    };
  }
  return { kind, aws: "not known", meaning: `Can't be resolved yet: ${whyOpen()}.` };

  function whyOpen(): string {
    if (unknown?.answer.kind === "unknown") return unknown.answer.why;
    if (coverage.kind === "none") return coverage.why;
    if (kind === "conflicting") return "no call shows who was first, or with how much";
    return "exported files can have gaps, or were read too early; read the event history itself";
  }
}

function wordsOf({ n, quantity, identifiedBy, outcome }: MeteringRecord): string {
  const id = outcome?.kind === "accepted" ? ` ${outcome.meteringRecordId}` : "";
  const way = identifiedBy === "product-code" ? " by ProductCode" : "";
  return `record ${n}, ${quantity} units${way}, ${outcome?.kind ?? "pending"}${id}`;
}

function billingWords(billing: Billing): string {
  const { quantity, identifiedBy, region, caller, at, meteringRecordIds } = billing;
  const way = identifiedBy === "product-code" ? " by ProductCode" : "";
  return `${quantity} units${way} in ${region} by ${caller} at ${iso(at)}, ${meteringRecordIds.join(" and ")}`;
}

const iso = (instant: Instant): string => new Date(instant).toISOString();
