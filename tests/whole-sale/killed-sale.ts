import { expect } from "vitest";
import { seededRandom } from "../simulation/random.ts";
import { atAwsText, inLedgerText, readDataFolder } from "./read-data-folder.ts";
import { type Ended, launchmeter } from "./run-launchmeter.ts";

/** When a run is killed: so many lines, then so many milliseconds, after a station began. */
interface Kill {
  readonly station: RegExp;
  readonly lines: number;
  readonly ms: number;
}

const SUBSCRIBE = /^1\. Subscribe/;
const REGISTER = /^2\. Register/;
const LAUNCH = /^3\. Launch/;
const METER = /^4\. Meter/;

/** Every station, at moments that the seed picks; creating the stack has the most of them. */
function kills(seed: number): readonly Kill[] {
  const random = seededRandom(seed);
  const between = (low: number, high: number) => random.between(low, high);
  return [
    { station: SUBSCRIBE, lines: 0, ms: between(0, 40) },
    { station: REGISTER, lines: 0, ms: between(0, 60) },
    { station: LAUNCH, lines: between(1, 25), ms: between(0, 20) },
    { station: LAUNCH, lines: between(30, 44), ms: between(0, 40) },
    { station: METER, lines: 0, ms: between(50, 3_000) },
    { station: METER, lines: between(1, 2), ms: between(0, 1_500) },
  ];
}

/** Plays one sale over many processes, each killed but the last; checks the books after each. */
export async function playKilled(
  args: readonly string[],
  data: string,
  dimension: string,
  seed: number,
): Promise<Ended> {
  for (const kill of kills(seed)) {
    const ended = await runAndKill([...args, "--data", data], kill);
    if (ended.code === 0) throw new Error(`nothing was killed at ${kill.station.source}`);
    expect(ended.stderr, "it must have died by our hand alone").not.toContain("launchmeter start:");
    const { atAws, chain } = await readDataFolder(data, dimension);
    const sealed = chain.map(({ stamp, quantity }) => `${stamp} ${quantity}`);
    for (const { timestamp, quantity } of atAws) {
      expect(sealed).toContain(`${timestamp} ${quantity}`);
    }
    const accepted = chain.filter(({ outcome }) => outcome?.kind === "accepted");
    expect(atAws.map(atAwsText)).toEqual(expect.arrayContaining(accepted.map(inLedgerText)));
  }
  return launchmeter([...args, "--data", data]);
}

function runAndKill(args: readonly string[], { station, lines, ms }: Kill): Promise<Ended> {
  let linesLeft: number | undefined;
  let doomed = false;
  return launchmeter(args, (line, kill) => {
    if (doomed) return;
    // A stack that is there already makes no events: then metering is moment enough.
    const late = station !== METER && METER.test(line);
    if (station.test(line)) linesLeft = lines;
    else if (linesLeft !== undefined) linesLeft -= 1;
    if (!late && (linesLeft === undefined || linesLeft > 0)) return;
    doomed = true;
    setTimeout(kill, ms);
  });
}
