/**
 * Runs the simulation on seeds of your choice: `npm run simulate -- --seeds 10000 --from 1`.
 */
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "2000" },
    from: { type: "string", default: "1" },
  },
});

for (const [option, text] of Object.entries(values)) {
  if (!/^[1-9]\d{0,8}$/.test(text)) {
    console.error(`--${option} is ${JSON.stringify(text)}: it must be a whole number above 0.`);
    process.exit(2);
  }
}

const vitest = join(
  dirname(createRequire(import.meta.url).resolve("vitest/package.json")),
  "vitest.mjs",
);
const { status } = spawnSync(
  process.execPath,
  [vitest, "run", "tests/simulation/metering.simulation.test.ts"],
  { stdio: "inherit", env: { ...process.env, SEEDS: values.seeds, FROM: values.from } },
);
process.exit(status ?? 1);
