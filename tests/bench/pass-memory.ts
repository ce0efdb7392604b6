import { spawnSync } from "node:child_process";

const SMALL = 10_000;
const LARGE = 200_000;

export interface PassMemory {
  readonly peakMegabytesAt10000: number;
  readonly peakMegabytesAt200000: number;
  /** 1 is flat. */
  readonly memoryRatio: number;
}

/** The most memory that a pass needs, over 10,000 and over 200,000 license-dimensions. */
export async function memoryAtSizes(): Promise<PassMemory> {
  const small = peakOf(SMALL);
  const large = peakOf(LARGE);
  return {
    peakMegabytesAt10000: small,
    peakMegabytesAt200000: large,
    memoryRatio: large / small,
  };
}

/** In a process of its own, so that one size can't leave memory behind for the other. */
function peakOf(licenses: number): number {
  const script = new URL("pass-memory-process.ts", import.meta.url).pathname;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ["--expose-gc", "--import", "tsx", script, String(licenses)],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(stderr);
  return Number(stdout);
}
