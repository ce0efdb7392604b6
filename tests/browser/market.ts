import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import product from "../../product.config.ts";
import { startWorld, type World } from "../../scripts/local/world.ts";

const HOUR = 3_600_000;
const PAST_THE_HOUR = 5 * 60_000;
const COST = fileURLToPath(new URL("../../sandbox/data/example-focus.csv", import.meta.url));

export interface Market extends World {
  /** Hour by hour, metering after each as the seller's scheduler does. */
  passTimeUntil(instant: number): Promise<void>;
  /** What the seller's side complained of; a good journey leaves it empty. */
  readonly complaints: readonly string[];
}

/** AWS and the seller on this machine, some hours before the month that the example's cost is of. */
export async function openMarket(): Promise<Market> {
  const folder = await mkdtemp(join(tmpdir(), "launchmeter-browser-"));
  const complaints: string[] = [];
  const world = await startWorld({
    product,
    dataDir: folder,
    sitePort: 0,
    sandboxPort: 0,
    seed: 20,
    startAt: Date.UTC(2026, 8, 30, 20),
    log: (level, message, fields) => {
      // A poll on its way when the clock jumps an hour has an old signature; the next one has not.
      // That events arrive at all is what every journey here waits for.
      if (message === "the marketplace queue could not be read") return;
      if (level === "error") complaints.push(`${message} ${JSON.stringify(fields)}`);
    },
    alarm: (alarm) => complaints.push(JSON.stringify(alarm)),
  });
  const { control, sandbox, seller } = world;
  const accountId = (await control.identity()).buyers[0]?.accountId ?? "";
  await control.addCostSource({ file: COST, accountId });
  return {
    ...world,
    complaints,
    async passTimeUntil(instant) {
      while (sandbox.clock.now() < instant) {
        const next = Math.floor(sandbox.clock.now() / HOUR + 1) * HOUR + PAST_THE_HOUR;
        await control.moveClock({ advanceTo: next });
        await seller.meterAll();
      }
    },
    async close() {
      await world.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
