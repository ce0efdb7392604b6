import type { Clock } from "../metering/ports.ts";

export interface RateLimit {
  /** How many may come at once after a pause. */
  readonly burst: number;
  readonly perSecond: number;
}

/** Asked for as many keys as there are deployments; beyond that, whoever paused longest is let go. */
const MOST_KEYS = 10_000;

/**
 * Lets each key's requests through at a rate; answers in how many seconds to come back, or
 * undefined: go on. Of this process alone: several processes let through as many times more.
 */
export function rateLimiter({ clock }: { clock: Clock }, { burst, perSecond }: RateLimit) {
  const buckets = new Map<string, { level: number; at: number }>();
  return (key: string): number | undefined => {
    const now = clock.now();
    const before = buckets.get(key) ?? { level: burst, at: now };
    const refilled = before.level + (Math.max(0, now - before.at) / 1_000) * perSecond;
    const level = Math.min(burst, refilled);
    buckets.delete(key);
    const isLetThrough = level >= 1;
    buckets.set(key, { level: isLetThrough ? level - 1 : level, at: Math.max(now, before.at) });
    const [oldest] = buckets.keys();
    if (buckets.size > MOST_KEYS && oldest !== undefined) buckets.delete(oldest);
    return isLetThrough ? undefined : Math.ceil((1 - level) / perSecond);
  };
}
