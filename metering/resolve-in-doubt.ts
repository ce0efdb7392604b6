import { type ChainItem, type ChainKey, type Evidence, isPending } from "./domain/chain.ts";
import { billedOf, evidenceOf, type Finding } from "./domain/evidence.ts";
import type { Clock, Ledger } from "./ports.ts";

export interface ResolveDeps {
  readonly clock: Clock;
  readonly ledger: Ledger;
  /** Who writes the evidence down. */
  readonly owner: string;
}

export type Resolved =
  | { readonly kind: "resolved"; readonly item: Evidence }
  /** The chain says so already, by whomever. */
  | { readonly kind: "already"; readonly item: Evidence }
  /** A record is still being sent; nothing was written. */
  | { readonly kind: "pending"; readonly n: number }
  | { readonly kind: "refused"; readonly why: string };

/** Every lost race means that somebody else wrote; this many in a row is a bug. */
const MAX_LOST_RACES = 50;

/**
 * Appends what was found out about a record to its chain. It is the only way in which a record in
 * doubt or in conflict is resolved: the number after the head is put if it is free, so that two
 * people at once leave one item, and a repeat leaves none.
 */
export async function resolveInDoubt(
  deps: ResolveDeps,
  key: ChainKey,
  finding: Finding,
): Promise<Resolved> {
  for (let race = 0; race < MAX_LOST_RACES; race += 1) {
    const chain = await newestChain(deps.ledger, key, finding.about);
    const known = billedOf(chain, finding.about);
    if (known?.billed === finding.billed) return { kind: "already", item: known };
    const head = chain.at(-1);
    if (isPending(head)) return { kind: "pending", n: head.n };
    const made = evidenceOf(chain, finding, { now: deps.clock.now(), owner: deps.owner });
    if (made.kind === "refused") return made;
    if ((await deps.ledger.seal(key, made.item)) === "sealed") {
      return { kind: "resolved", item: made.item };
    }
  }
  throw new Error(`lost ${MAX_LOST_RACES} races for ${key.licenseId} × ${key.dimension} in a row`);
}

/**
 * The chain, with its end read strongly: what was put or settled a moment ago must be seen, or the
 * same evidence would be put behind itself.
 */
async function newestChain(ledger: Ledger, key: ChainKey, about: number): Promise<ChainItem[]> {
  const chain = [...(await ledger.chain(key))];
  const last = Math.max(chain.length - 1, 0);
  for (const n of new Set([about, last])) {
    const item = n <= last ? await ledger.item(key, n) : undefined;
    if (item !== undefined) chain[n] = item;
  }
  for (;;) {
    const next = await ledger.item(key, chain.length);
    if (next === undefined) return chain;
    chain.push(next);
  }
}
