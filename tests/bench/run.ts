import { writeFileSync } from "node:fs";
import { benchCostRows } from "./cost-rows.ts";
import { ledgerSpeed } from "./ledger-speed.ts";
import { ledgerUnits } from "./ledger-units.ts";
import { memoryAtSizes } from "./pass-memory.ts";

/**
 * `npm run bench -- [--json FILE] [--only units|speed|rows|memory]`
 *
 * Every figure is a ratio to what this machine does of the bare work in the same run, or a count;
 * nothing here depends on how fast the machine is.
 */
const { json, only } = parse(process.argv.slice(2));
const figures: Record<string, unknown> = {};

const parts: Record<string, () => Promise<object>> = {
  units: ledgerUnits,
  speed: ledgerSpeed,
  rows: benchCostRows,
  memory: memoryAtSizes,
};
if (only !== undefined && parts[only] === undefined) {
  console.error(`--only ${only}: there are ${Object.keys(parts).join(", ")}.`);
  process.exit(2);
}
for (const [name, measure] of Object.entries(parts)) {
  if (only !== undefined && only !== name) continue;
  process.stderr.write(`measuring ${name} …\n`);
  const measured = await measure();
  figures[name] = measured;
  console.log(`\n${name}`);
  for (const [figure, value] of Object.entries(measured)) console.log(`  ${line(figure, value)}`);
}
if (json !== undefined) {
  writeFileSync(json, `${JSON.stringify({ ...flat(figures), parts: figures }, null, 2)}\n`);
  console.log(`\nwritten to ${json}`);
}

/** The figures that have a bar, by their names, beside the parts that they come from. */
function flat(parts: Record<string, unknown>): Record<string, unknown> {
  return Object.assign({}, ...Object.values(parts)) as Record<string, unknown>;
}

function line(figure: string, value: unknown): string {
  const text =
    typeof value === "number" ? Number(value.toPrecision(4)).toString() : JSON.stringify(value);
  return `${figure.padEnd(32)} ${text}`;
}

function parse(args: readonly string[]) {
  const known: Record<string, string> = {};
  for (let index = 0; index < args.length; index += 2) {
    const [name = "", value] = [args[index], args[index + 1]];
    if ((name !== "--json" && name !== "--only") || value === undefined) {
      console.error(`${name}: the options are --json FILE and --only PART.`);
      process.exit(2);
    }
    known[name.slice(2)] = value;
  }
  return { json: known["json"], only: known["only"] };
}
