import { awsMeteringGateway } from "../../metering/adapters/aws-metering-gateway.ts";
import { memoryAllocations } from "../../metering/adapters/memory-allocations.ts";
import { createMetering } from "../../metering/create-metering.ts";
import { usageOf } from "../../metering/roll-up-usage.ts";
import type { MeteringGateway, UsageStore } from "../../metering/ports.ts";
import { actors, foreignWriter } from "./actors.ts";
import { awsAsHeard } from "./aws.ts";
import { show } from "./broken.ts";
import { checkEnd, checkNothingLies } from "./check-end.ts";
import { costSource } from "./cost-truth.ts";
import { HOUR } from "./oracle/spans.ts";
import { seededRandom } from "./random.ts";
import { StoreAway, scheduler, type Scheduler } from "./scheduler.ts";
import { type Story, tellStory } from "./story.ts";
import { type Watch, watched } from "./watch.ts";
import { createWorld, type World } from "./world.ts";

export type Tell = (line: string) => void;

/** Plays one seed's story to its end; throws `Broken` when a promise is broken on the way. */
export async function simulate(seed: number, tell?: Tell): Promise<void> {
  const random = seededRandom(seed);
  const story = tellStory(random);
  if (tell !== undefined) describe(story, tell);
  const world = await createWorld(story, random, seed);
  const watch = watched(world);
  const quiet = { crash: 0, stall: 0, fail: 0 };
  const schedule = scheduler(random, () => ({
    ...(world.isCalm() ? quiet : story.hazards),
    onStall: () => world.advanceTo(world.clock.now() + random.between(1, 100) * 60_000),
    ...(tell === undefined
      ? {}
      : { tell: (line: string) => tell(`${timeOf(world.clock.now())}  ${line}`) }),
  }));
  const gateway = awsMeteringGateway(awsAsHeard(world, random));
  const recruit = recruiter(world, watch, schedule, gateway);
  world.onDelete = async (deploymentId, licenseId) => {
    const deployment = await world.licenses.deployment(licenseId, deploymentId);
    if (deployment !== undefined) await recruit.site.readFinalCost(deployment, 100_000);
  };

  const acting = actors(world, watch, random);
  const foreign = foreignWriter(world);
  let workers = story.workers.map(recruit.worker);
  for (const at of story.passes) {
    await world.advanceTo(at);
    tell?.(`${timeOf(world.clock.now())}  a pass`);
    foreign();
    workers = workers.map((worker) =>
      schedule.isDead(worker.name) ? recruit.worker(worker.skew) : worker,
    );
    const passing = workers.map(({ name, metering }) => ({ name, work: metering.pass(0) }));
    const others = acting().map(({ name, work }) => ({
      name,
      work: work({
        ledger: schedule.guard(name, watch.worker(name, 0).ledger),
        licenses: schedule.guard(name, world.licenses),
        usageStore: guardedUsage(schedule, name, world.usageStore),
      }),
    }));
    await schedule.run([...passing, ...others]);
    if (at === story.passes.find((pass) => pass > story.end + 3 * HOUR)) {
      checkNothingLies(world, watch);
    }
  }
  await checkEnd(world, watch, foreign());
}

/** Workers, each a process of its own with its own clock and memory. */
function recruiter(world: World, watch: Watch, schedule: Scheduler, gateway: MeteringGateway) {
  const { story } = world;
  const entitled = [{ dimension: "units", units: "20.5", from: 0, until: Infinity }];
  const allocations = memoryAllocations();
  const source = costSource(story, world.truth, world.clock);
  const common = {
    allocations,
    alarms: { raise: (alarm: (typeof world.alarms)[number]) => world.alarms.push(alarm) },
    pause: async () => undefined,
    pace: async () => undefined,
    plans: story.plans,
    prices: story.prices,
    zeroRecords: story.zeroRecords,
    entitlements: { periods: async () => entitled },
    passes: world.passes,
    usage: usageOf(world.usageStore),
    source,
  };
  let births = 0;
  const worker = (skew: number) => {
    const name = `worker-${(births += 1)}`;
    const seen = watch.worker(name, skew);
    const sending = schedule.guard(name, gateway);
    const ledger = schedule.guard(name, seen.ledger);
    let owners = 0;
    const metering = createMetering({
      ...common,
      clock: seen.clock,
      newOwner: () => `${name}.${(owners += 1)}`,
      // A generator can't wait its turn; reading a page of licenses is not an effect on money.
      licenses: {
        ...schedule.guard(name, seen.licenses),
        inShard: (shard) => seen.licenses.inShard(shard),
      },
      ledger: {
        ...ledger,
        async settle(key, record, outcome) {
          const settled = await ledger.settle(key, record, outcome);
          if (settled === "settled") seen.hear(key, record.n);
          return settled;
        },
      },
      passes: schedule.guard(name, world.passes),
      usage: usageOf(guardedUsage(schedule, name, world.usageStore)),
      costs: schedule.guard(name, seen.costs),
      source: {
        ...schedule.guard(name, source),
        describe: (deployment) => source.describe(deployment),
      },
      gateway: {
        send: (batch) => {
          schedule.watching(() => seen.beforeSending(batch));
          return sending.send(batch);
        },
      },
    });
    const pass = async (shard: number) => {
      try {
        seen.begin();
        await metering.pass(shard);
      } catch (error) {
        // The schedule runs it again.
        if (!(error instanceof StoreAway)) throw error;
      }
    };
    return { name, skew, metering: { pass } };
  };
  const seen = watch.worker("site", 0);
  const site = createMetering({
    ...{ ...common, gateway, newOwner: () => "site" },
    ...{ clock: seen.clock, licenses: seen.licenses, ledger: seen.ledger, costs: seen.costs },
  });
  return { worker, site };
}

function guardedUsage(schedule: Scheduler, name: string, store: UsageStore): UsageStore {
  return { ...schedule.guard(name, store), events: (of) => store.events(of) };
}

const timeOf = (instant: number) => new Date(instant).toISOString().slice(0, 16);

function describe(story: Story, tell: Tell): void {
  const { passes, plans, prices, licenses, ...rest } = story;
  const asTime = (_: string, value: unknown): unknown =>
    typeof value === "number" && value > 1e12 ? new Date(value).toISOString() : value;
  const text = (value: unknown) => JSON.stringify(JSON.parse(show(value)), asTime, 1);
  tell(`${passes.length} passes ${text(rest)}`);
  tell(`plans ${text(plans)}\nprices ${text(prices)}\nlicenses ${text(licenses)}`);
}
