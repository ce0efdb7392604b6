import { memoryAllocations } from "../../metering/adapters/memory-allocations.ts";
import { createMetering } from "../../metering/create-metering.ts";
import type { MeteringGateway } from "../../metering/ports.ts";
import { checkEnd, checkWindow, watched } from "./invariants.ts";
import { seededRandom } from "./random.ts";
import { scheduler } from "./scheduler.ts";
import { CALM, HOUR, plansOf, pricesOf, tellStory } from "./story.ts";
import { createWorld } from "./world.ts";

/** Plays one seed's story to its end; throws `Broken` when a promise is broken on the way. */
export async function simulate(
  seed: number,
  tell?: (line: string) => void,
): Promise<SimulationReport> {
  const random = seededRandom(seed);
  const story = tellStory(random);
  const world = await createWorld(story, random);
  const guarded = watched(world);
  const calm = () => world.clock.now() >= story.end;
  const schedule = scheduler(random, () => ({
    crash: calm() ? 0 : story.crash,
    stall: calm() ? 0 : story.stall,
    onStall: () => world.advanceTo(world.clock.now() + random.between(1, 100) * 60_000),
  }));

  let births = 0;
  const born = () => {
    const name = `worker-${(births += 1)}`;
    const gateway: MeteringGateway = schedule.guard(name, guarded.gateway);
    const metering = createMetering({
      clock: world.clock,
      alarms: { raise: (alarm) => world.alarms.push(alarm) },
      pause: async () => undefined,
      pace: async () => undefined,
      allocations: memoryAllocations(),
      newOwner: () => name,
      plans: plansOf(story),
      prices: pricesOf(story),
      zeroRecords: false,
      // A generator can't wait its turn; reading a page of licenses is not an effect on money.
      licenses: {
        ...schedule.guard(name, world.licenses),
        inShard: (n) => world.licenses.inShard(n),
      },
      ledger: schedule.guard(name, guarded.ledger),
      passes: schedule.guard(name, world.passes),
      usage: schedule.guard(name, world.usage),
      entitlements: schedule.guard(name, world.entitlements),
      costs: schedule.guard(name, guarded.costs),
      source: {
        ...schedule.guard(name, world.source),
        describe: (deployment) => world.source.describe(deployment),
      },
      gateway: {
        send: (batch) => {
          checkWindow(world, batch);
          return gateway.send(batch);
        },
      },
    });
    return { name, metering };
  };

  let workers = Array.from({ length: story.workers }, born);
  for (let at = story.start; at <= story.end + CALM; at += nextStep(at)) {
    await world.advanceTo(at);
    const now = world.clock.now();
    tell?.(new Date(now).toISOString());
    if (now < story.end && story.outages.some(({ from, to }) => now >= from && now < to)) continue;
    workers = workers.map((worker) => (schedule.isDead(worker.name) ? born() : worker));
    await schedule.run(workers.map(({ name, metering }) => ({ name, work: metering.pass(0) })));
  }
  // What waits for its window to close is settled by then; one last pass finds it.
  await schedule.run(workers.map(({ name, metering }) => ({ name, work: metering.pass(0) })));
  await checkEnd(world);
  return { passes: births, calls: world.calls.length, alarms: world.alarms.length };

  /** Hourly, a few minutes past; every quarter of an hour around the license's end. */
  function nextStep(at: number): number {
    const end = story.license?.endedAt ?? -Infinity;
    if (at >= end - HOUR && at < end + 2 * HOUR) return HOUR / 4;
    return Math.floor(at / HOUR + 1) * HOUR + 5 * 60_000 - at;
  }
}

export interface SimulationReport {
  readonly passes: number;
  readonly calls: number;
  readonly alarms: number;
}
