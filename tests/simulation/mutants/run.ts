/**
 * Plants one bug after the other and simulates until it is caught: `npm run test:mutants`, or
 * `npm run test:mutants -- --only credit-billed,remainder-dropped --seeds 500`.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundled } from "../bundle.ts";
import { type Ended, played } from "../processes.ts";
import type { Mutant } from "./mutant.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1500" },
    from: { type: "string", default: "1" },
    only: { type: "string" },
  },
});
const SUFFIX = ".mutant.ts";
/** Longer than the slowest machine takes for all seeds: a bug may also make a pass go on for ever. */
const TIME_LIMIT_MS = 240_000;

type Row = readonly [name: string, invariant: string, seed: string, seeds: string];

async function caught(name: string): Promise<Row> {
  const { mutant } = (await import(`./${name}${SUFFIX}`)) as { mutant: Mutant };
  const folder = mkdtempSync(join(tmpdir(), "launchmeter-mutant-"));
  const from = Number(values.from);
  try {
    const program = await bundled(folder, mutant.changes);
    const order = { from, seeds: Number(values.seeds), every: 1 };
    const ended: Ended = await played(program, order, { timeLimitMs: TIME_LIMIT_MS });
    switch (ended.kind) {
      case "held":
        return [name, SURVIVED, "-", `${ended.seeds}`];
      case "broken":
        return [name, ended.invariant ?? STOPPED, `${ended.seed}`, `${ended.seed - from + 1}`];
      case "stopped":
        return [name, STOPPED, "-", `${ended.seeds}`];
    }
  } catch (error) {
    return [name, `${UNFIT}: ${(error as Error).message.split("\n")[0]}`, "-", "-"];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const SURVIVED = "SURVIVED";
const UNFIT = "DOES NOT APPLY";
/** It made the program fail or never end, which is no proof that the simulation sees the bug. */
const STOPPED = "NO INVARIANT, THE RUN BROKE";

const wanted = values.only?.split(",");
const names = readdirSync(new URL(".", import.meta.url))
  .filter((file) => file.endsWith(SUFFIX))
  .map((file) => file.slice(0, -SUFFIX.length))
  .filter((name) => wanted?.includes(name) ?? true)
  .sort();
if (names.length === 0) {
  console.error(`there is no mutant named ${values.only}`);
  process.exit(2);
}

const rows: Row[] = [];
const waiting = [...names];
const worker = async () => {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const row = await caught(name);
    rows.push(row);
    console.log(`${String(rows.length).padStart(3)}/${names.length}  ${row.join("  |  ")}`);
  }
};
await Promise.all(Array.from({ length: availableParallelism() }, worker));

const head: Row = ["planted bug", "caught by", "seed", "seeds needed"];
const widths = head.map((_, column) =>
  Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)),
);
console.log();
for (const row of [head, ...rows.sort(([a], [b]) => (a < b ? -1 : 1))]) {
  console.log(
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
const alive = rows.filter(([, invariant]) =>
  [SURVIVED, UNFIT, STOPPED].some((bad) => invariant.startsWith(bad)),
);
console.log(`\n${names.length - alive.length} of ${names.length} planted bugs were caught.`);
process.exitCode = alive.length === 0 ? 0 : 1;
