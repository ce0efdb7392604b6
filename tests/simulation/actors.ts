import type { ChainKey } from "../../metering/domain/chain.ts";
import { evidenceOf } from "../../metering/domain/evidence.ts";
import { migrateLicense } from "../../metering/migrate-license.ts";
import type { Ledger, Licenses, UsageStore } from "../../metering/ports.ts";
import { recordUsage } from "../../metering/record-usage.ts";
import type { Entry } from "./book.ts";
import { holds } from "./broken.ts";
import { DAY, HOUR } from "./oracle/spans.ts";
import type { Random } from "./random.ts";
import type { LicenseStory, UsageStory } from "./story-licenses.ts";
import { CALM } from "./story.ts";
import { DIMENSIONS, METER } from "./story-plans.ts";
import type { Watch } from "./watch.ts";
import { SELLER, type World } from "./world.ts";

/** Somebody besides the metering workers who does something at about the same time. */
export interface Actor {
  readonly name: string;
  readonly work: (ports: ActorPorts) => Promise<void>;
}

/** Every call waits its turn, and may be the last. */
export interface ActorPorts {
  readonly ledger: Ledger;
  readonly licenses: Licenses;
  readonly usageStore: UsageStore;
}

/** Those who have something to do now. */
export function actors(world: World, watch: Watch, random: Random) {
  const senders = world.story.licenses.flatMap((license) =>
    license.usage.map((event) => sender(world, watch, license, event)),
  );
  const migrations = world.story.licenses.flatMap((license) => migrator(world, license));
  const persons = clerk(world, watch, random);
  return (): Actor[] => {
    const now = world.clock.now();
    return [
      ...senders.flatMap((each) => each(now)),
      ...migrations.flatMap((each) => each(now)),
      ...persons(now),
    ];
  };
}

/** Delivers one event until it is answered, and now and then once more. */
function sender(world: World, { facts }: Watch, license: LicenseStory, event: UsageStory) {
  let left = event.again ? 2 : 1;
  let tries = 0;
  let isUnderWay = false;
  let isCounted = false;
  // What comes with the last pass of all could not be billed by it.
  const lastMoment = world.story.end + CALM - 3 * HOUR;
  return (now: number): Actor[] => {
    if (left === 0 || now < Math.min(event.sentAt, lastMoment)) return [];
    if (!isUnderWay) facts.delivering(license.id);
    isUnderWay = true;
    tries += 1;
    const work = async ({ usageStore }: ActorPorts) => {
      const stored = await world.licenses.get(license.id);
      if (stored === undefined) throw new Error("the license is gone");
      const cloudEvent = {
        specversion: "1.0",
        id: event.id,
        source: "/product",
        type: `com.example.usage.${METER}`,
        time: new Date(event.usedAt).toISOString(),
        data: { quantity: decimal(event.micro) },
      };
      const deps = { clock: world.clock, usageStore, meters: new Set([METER]) };
      const [result] = await recordUsage(deps, { license: stored, events: [cloudEvent] });
      const kind = result?.kind ?? "";
      const isTaken = kind === "accepted" || kind === "duplicate";
      const { message = "" } = result as { message?: string };
      holds("usage is refused only when it is too late", isTaken || kind === "too-late", () => ({
        ...{ kind, message, event, now },
      }));
      facts.counted(license.id, isTaken && !isCounted ? event : undefined);
      isCounted ||= isTaken;
      isUnderWay = false;
      left -= 1;
    };
    return [{ name: `${event.id}-${tries}`, work }];
  };
}

function decimal(micro: bigint): string {
  const padded = micro.toString().padStart(7, "0");
  return `${padded.slice(0, -6)}.${padded.slice(-6)}`;
}

/** Moves a license to LicenseArn at some hour to come; asks for a later one if that is refused. */
function migrator(world: World, license: LicenseStory) {
  const { legacy } = license;
  if (legacy === undefined) return [];
  let isDone = false;
  let tries = 0;
  return [
    (now: number): Actor[] => {
      if (isDone || now < legacy.decidedAt) return [];
      tries += 1;
      const at = Math.ceil((now + (1 + (tries % 3)) * HOUR) / HOUR) * HOUR;
      const work = async ({ ledger, licenses }: ActorPorts) => {
        const dimensions = DIMENSIONS.map((name) => ({ name }));
        const deps = { clock: world.clock, licenses, ledger, dimensions };
        const { kind } = await migrateLicense(deps, license.id, at);
        isDone = kind === "set";
      };
      return [{ name: `migration-${license.id}-${tries}`, work }];
    },
  ];
}

/** Looks at AWS's own records, days later, and writes down what became of those in doubt. */
function clerk(world: World, { books }: Watch, random: Random) {
  const found = new Map<Entry, number>();
  const due = new Map<Entry, number>();
  let visits = 0;
  return (now: number): Actor[] => {
    if (world.isCalm()) return [];
    const open = world.story.licenses.flatMap(({ id: licenseId }) =>
      DIMENSIONS.flatMap((dimension) => books({ licenseId, dimension }).doubtful()),
    );
    return open.flatMap((entry): Actor[] => {
      const { at } = entry.outcome ?? { at: 0 };
      if (!due.has(entry)) due.set(entry, at + 2 * DAY + random.between(0, 15) * DAY);
      const times = found.get(entry) ?? 0;
      if (now < (due.get(entry) ?? 0) || times >= 2) return [];
      visits += 1;
      const truth = billedAtAws(world, entry.key, entry.record.hour);
      // The first finding may be wrong: a person mends it by another one.
      const billed = times === 0 && random.chance(0.3) ? truth + 3 : truth;
      if (billed === truth) found.set(entry, 2);
      else found.set(entry, 1);
      const isSlip = random.chance(0.3);
      const accepted = books(entry.key).entries.find((one) => one.outcome?.kind === "accepted");
      const work = async ({ ledger }: ActorPorts) => {
        // A slip of the pen names a record that nobody doubts.
        if (isSlip && accepted !== undefined) {
          const slip = { about: accepted.record.n, billed: 0, source: "a wrong number" };
          const chain = await ledger.chain(entry.key);
          const result = evidenceOf(chain, slip, { now, owner: "a person" });
          if (result.kind === "evidence") await ledger.seal(entry.key, result.item);
        }
        const finding = { about: entry.record.n, billed, source: "CloudTrail" };
        for (let tries = 0; tries < 3; tries++) {
          const chain = await ledger.chain(entry.key);
          const result = evidenceOf(chain, finding, { now, owner: "a person" });
          if (result.kind === "refused") return;
          if ((await ledger.seal(entry.key, result.item)) === "sealed") return;
        }
      };
      return [{ name: `person-${visits}`, work }];
    });
  };
}

export function billedAtAws({ aws, story }: World, key: ChainKey, hour: number): number {
  const arn = story.licenses.find(({ id }) => id === key.licenseId)?.arn;
  const record = Object.values(aws.records).find(
    (each) => each.licenseArn === arn && each.dimension === key.dimension && each.hour === hour,
  );
  return record?.quantity ?? 0;
}

/** Another program of the seller's reports an hour that is ours to report. */
export function foreignWriter(world: World): () => ReadonlySet<string> {
  const waiting = world.story.licenses.flatMap((license) =>
    license.foreign.map((each) => ({ license, ...each })),
  );
  const written = new Set<string>();
  return () => {
    const now = world.clock.now();
    for (const each of waiting.filter(({ at }) => at <= now)) {
      waiting.splice(waiting.indexOf(each), 1);
      const { license, quantity } = each;
      if (license.legacy !== undefined) continue;
      const hour = Math.floor(now / HOUR) * HOUR - HOUR;
      for (const Dimension of DIMENSIONS) {
        const record = {
          Timestamp: hour / 1_000,
          CustomerAWSAccountId: license.buyer,
          LicenseArn: license.arn,
          Dimension,
          Quantity: quantity,
        };
        const before = Object.keys(world.aws.records).length;
        try {
          const body = { UsageRecords: [record] };
          world.service.batchMeterUsage(SELLER, "us-east-1", body, now, 200);
        } catch {
          continue;
        }
        if (Object.keys(world.aws.records).length === before) continue;
        written.add(`${license.id} ${Dimension} ${hour}`);
      }
    }
    return written;
  };
}
