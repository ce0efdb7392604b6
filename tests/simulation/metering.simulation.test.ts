import { playAll } from "./play-all.ts";

/**
 * Goal: the ledger keeps its promises (design 6, I1–I7) whatever happens between any two effects.
 *
 * Method: each seed tells a story of some days, weeks or a whole year: any plans and prices and
 * their changes, cost restated up and down, usage that comes late and twice, outages over the
 * closes of months, suspension, migration, somebody else's records, the license's end. Workers with
 * clocks of their own meter it against AWS's rules while answers get lost, calls fail, reads are
 * stale, and workers stall and die. An account that shares no code with the product says at every
 * seal what is owed. The planted bugs under `mutants/` show that it would notice.
 *
 * `npm run simulate -- --seeds 10000 --from 1` plays others; two files, so that two cores share it.
 */
playAll({ from: 1, seeds: 1_000 });
