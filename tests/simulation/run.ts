/**
 * Runs the simulation on seeds of your choice: `npm run simulate -- --seeds 10000 --from 1`, or
 * tells what happens in one: `npm run simulate -- --from 4711 --trace`.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundled } from "./bundle.ts";
import { played } from "./processes.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string" },
    from: { type: "string", default: "1" },
    trace: { type: "boolean", default: false },
  },
});
const seeds = whole("seeds", values.seeds ?? (values.trace ? "1" : "2000"));
const from = whole("from", values.from);

function whole(option: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  console.error(`--${option} is ${JSON.stringify(text)}: it must be a whole number above 0.`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), "launchmeter-simulation-"));
try {
  const program = await bundled(folder);
  const cores = Math.min(availableParallelism(), seeds);
  const began = Date.now();
  let done = 0;
  const onSeed = () => {
    done += 1;
    if (done % 100 === 0) console.log(`${done} of ${seeds} seeds  [${seconds()} s]`);
  };
  const seconds = () => ((Date.now() - began) / 1_000).toFixed(1);
  const ends = await Promise.all(
    Array.from({ length: cores }, (_, core) => {
      const order = { from: from + core, seeds: seeds - core, every: cores, trace: values.trace };
      return played(program, order, { onSeed });
    }),
  );
  for (const end of ends) {
    if (end.kind === "held") continue;
    process.exitCode = 1;
    if (end.kind === "stopped") console.error(`A process stopped: ${end.why}.`);
    else {
      console.error(`Seed ${end.seed} breaks ${end.message}`);
      console.error(`Its story: npm run simulate -- --from ${end.seed} --trace`);
    }
  }
  if (process.exitCode === undefined) {
    console.log(`I1–I7 hold for ${seeds} seeds from ${from}, in ${seconds()} s on ${cores} cores.`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
