import { playAll } from "./play-all.ts";

/** The second half of the seeds: see metering.simulation.test.ts. */
playAll({ from: 1_001, seeds: 1_000 });
