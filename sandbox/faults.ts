/**
 * What can be made to go wrong, by HTTP, while the sandbox runs. A rule fires with a probability
 * or a number of times, from the sandbox's own random numbers: a run with the same seed and the
 * same calls fails in the same places.
 */
export type FaultKind =
  /** `ThrottlingException`; nothing was done. */
  | "throttle"
  /** HTTP 500 with the service's internal error; nothing was done. */
  | "error"
  /** Cost Explorer's own word for too many calls, LimitExceededException; nothing was done. */
  | "limit-exceeded"
  /** Done, but answered by HTTP 500. */
  | "error-after"
  /** AWS's clock is `delayMs` away, also backwards, as it judges and dates this call. */
  | "skew"
  /** Answers only after `delayMs` of real time. */
  | "slow"
  /** The connection is cut before anything was done. */
  | "lose-request"
  /** Done, but the connection is cut instead of an answer. */
  | "lose-answer"
  /** BatchMeterUsage: this record comes back in UnprocessedRecords. */
  | "unprocessed"
  /** GetEntitlements: a page without entitlements that carries a NextToken. */
  | "empty-page"
  /** BatchCreateBillingAdjustmentRequest: taken, and fails when AWS processes it. */
  | "adjustment-fails"
  /** Lifecycle events: sent twice. */
  | "duplicate"
  /** Lifecycle events: `delayMs` of sandbox time late. */
  | "delay"
  /** Lifecycle events: overtakes those that wait already. */
  | "reorder";

export const FAULT_KINDS: readonly FaultKind[] = [
  "throttle",
  "error",
  "limit-exceeded",
  "error-after",
  "skew",
  "slow",
  "lose-request",
  "lose-answer",
  "unprocessed",
  "empty-page",
  "adjustment-fails",
  "duplicate",
  "delay",
  "reorder",
];

export interface FaultRule {
  /** Signing name (`aws-marketplace`, `ce`, `sqs`, `sts`, …), `events`, or `*`. */
  readonly service: string;
  /** Action or event detail-type, or `*`. */
  readonly action: string;
  readonly kind: FaultKind;
  /** 0 to 1; 1 when left out. */
  readonly probability?: number;
  /** Stops after firing this often; unlimited when left out. */
  readonly count?: number;
  readonly delayMs?: number;
}

export interface StoredFault extends FaultRule {
  readonly id: string;
  readonly fired: number;
}

export interface Faults {
  list(): readonly StoredFault[];
  /** Replaces every rule. */
  set(rules: readonly FaultRule[]): readonly StoredFault[];
  add(rule: FaultRule): StoredFault;
  remove(id: string): boolean;
  /** The rule that fires now, if any; firing is counted. */
  fires(service: string, action: string, kind: FaultKind): StoredFault | undefined;
  snapshot(): readonly StoredFault[];
  restore(snapshot: readonly StoredFault[]): void;
}

export function createFaults(deps: { random: () => number; changed: () => void }): Faults {
  let rules: StoredFault[] = [];
  let next = 1;

  const stored = (rule: FaultRule): StoredFault => {
    const id = `fault-${next}`;
    next += 1;
    return { ...rule, id, fired: 0 };
  };

  return {
    list: () => rules,
    set(wanted) {
      rules = wanted.map(stored);
      deps.changed();
      return rules;
    },
    add(rule) {
      const added = stored(rule);
      rules = [...rules, added];
      deps.changed();
      return added;
    },
    remove(id) {
      const before = rules.length;
      rules = rules.filter((rule) => rule.id !== id);
      deps.changed();
      return rules.length < before;
    },
    fires(service, action, kind) {
      for (const [index, rule] of rules.entries()) {
        if (!applies(rule, service, action, kind)) continue;
        if (deps.random() >= (rule.probability ?? 1)) continue;
        const fired = { ...rule, fired: rule.fired + 1 };
        rules[index] = fired;
        deps.changed();
        return fired;
      }
      return undefined;
    },
    snapshot: () => rules,
    restore(snapshot) {
      rules = [...snapshot];
      next = Math.max(0, ...rules.map(({ id }) => Number(id.replace("fault-", "")))) + 1;
    },
  };
}

function applies(rule: StoredFault, service: string, action: string, kind: FaultKind): boolean {
  return (
    rule.kind === kind &&
    (rule.service === "*" || rule.service === service) &&
    (rule.action === "*" || rule.action === action) &&
    (rule.count === undefined || rule.fired < rule.count)
  );
}
