import { synthesize } from "./support.ts";

/** For the test that compares what another process in another folder makes. */
process.stdout.write(synthesize().json);
