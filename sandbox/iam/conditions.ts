import { asList, wildcardMatch } from "./wildcards.ts";

/** Condition keys in lowercase (AWS compares them so); a key that is absent is not there at all. */
export type ConditionContext = Readonly<Record<string, string | readonly string[]>>;

type Verdict = "true" | "false" | "unknown";

/** `unknown`: an operator that this evaluator does not know. The caller must refuse then. */
export function conditionsHold(conditions: unknown, context: ConditionContext): Verdict {
  if (conditions === undefined) return "true";
  if (typeof conditions !== "object" || conditions === null) return "unknown";
  const verdicts = Object.entries(conditions).flatMap(([operator, keys]) =>
    Object.entries((keys ?? {}) as Record<string, unknown>).map(([key, expected]) =>
      holds(operator, context[key.toLowerCase()], asList(expected).map(String)),
    ),
  );
  if (verdicts.includes("false")) return "false";
  return verdicts.includes("unknown") ? "unknown" : "true";
}

function holds(
  operator: string,
  actual: string | readonly string[] | undefined,
  expected: readonly string[],
): Verdict {
  const [, quantifier, name = "", ifExists] =
    /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/.exec(operator) ?? [];
  const values = actual === undefined ? undefined : asList(actual).map(String);

  if (name === "Null") return verdict((values === undefined) === (expected[0] === "true"));
  const compare = COMPARISONS[name];
  if (compare === undefined) return "unknown";
  const { matches, negated } = compare;
  const one = (value: string) => expected.some((wanted) => matches(value, wanted)) !== negated;

  if (values === undefined || values.length === 0) {
    // "Not equal" is true of what isn't there; "equal" is not.
    return verdict(ifExists !== undefined || quantifier === "ForAllValues" || negated);
  }
  if (quantifier === "ForAllValues") return verdict(values.every(one));
  return verdict(values.some(one));
}

const verdict = (condition: boolean): Verdict => (condition ? "true" : "false");

interface Comparison {
  readonly matches: (actual: string, expected: string) => boolean;
  readonly negated: boolean;
}

const equal = (actual: string, expected: string) => actual === expected;
const equalIgnoringCase = (actual: string, expected: string) =>
  actual.toLowerCase() === expected.toLowerCase();
const like = (actual: string, expected: string) => wildcardMatch(expected, actual);
/** In an ARN a wildcard stays inside its part, of which there are six. */
const arnLike = (actual: string, expected: string) => {
  const [actualParts, expectedParts] = [arnParts(actual), arnParts(expected)];
  return (
    actualParts.length === expectedParts.length &&
    expectedParts.every((part, index) => wildcardMatch(part, actualParts[index] ?? ""))
  );
};
const compared = (test: (order: number) => boolean) => (actual: string, expected: string) => {
  const [left, right] = [Number(actual), Number(expected)];
  return Number.isFinite(left) && Number.isFinite(right) && test(left - right);
};

const both = (name: string, negatedName: string, matches: Comparison["matches"]) => [
  [name, { matches, negated: false }] as const,
  [negatedName, { matches, negated: true }] as const,
];

const COMPARISONS: Readonly<Record<string, Comparison>> = Object.fromEntries<Comparison>([
  ...both("StringEquals", "StringNotEquals", equal),
  ...both("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", equalIgnoringCase),
  ...both("StringLike", "StringNotLike", like),
  ...both("ArnEquals", "ArnNotEquals", arnLike),
  ...both("ArnLike", "ArnNotLike", arnLike),
  ...both(
    "NumericEquals",
    "NumericNotEquals",
    compared((order) => order === 0),
  ),
  ["NumericLessThan", { matches: compared((order) => order < 0), negated: false }],
  ["NumericLessThanEquals", { matches: compared((order) => order <= 0), negated: false }],
  ["NumericGreaterThan", { matches: compared((order) => order > 0), negated: false }],
  ["NumericGreaterThanEquals", { matches: compared((order) => order >= 0), negated: false }],
  ["Bool", { matches: equalIgnoringCase, negated: false }],
]);

function arnParts(arn: string): string[] {
  const parts = arn.split(":");
  return [...parts.slice(0, 5), parts.slice(5).join(":")];
}
