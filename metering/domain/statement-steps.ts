import type { PercentageOfCost, PerUnit } from "./charges.ts";
import {
  compareDecimal,
  type Decimal,
  decimalText,
  multiplyDecimal,
  parseDecimal,
  subtractDecimal,
  ZERO,
} from "./money.ts";
import type { WorkingStep } from "./statement.ts";

/** A percentage's steps over a month's cost; a total below zero is all in the first. */
export function costSteps(
  { percent, tiers = [] }: PercentageOfCost,
  total: Decimal,
): WorkingStep[] {
  const steps = [
    { above: "0", rate: percent },
    ...tiers.map((t) => ({ above: t.above, rate: t.percent })),
  ];
  return stepsOf(steps, total, { digits: 1n, scale: 2 });
}

/** A price's steps over a month's units; included ones are a step of their own, at no price. */
export function unitSteps(
  { unitPrice, tiers = [] }: PerUnit,
  units: Decimal,
  included: Decimal,
): WorkingStep[] {
  const priced = [
    { above: "0", rate: unitPrice },
    ...tiers.map((t) => ({ above: t.above, rate: t.unitPrice })),
  ];
  if (compareDecimal(included, ZERO) <= 0) return stepsOf(priced, units, { digits: 1n, scale: 0 });
  const reached = priced.filter(({ above }) => compareDecimal(parseDecimal(above), included) <= 0);
  const beyond = priced.filter(({ above }) => compareDecimal(parseDecimal(above), included) > 0);
  const steps = [
    { above: "0", rate: "0" },
    { above: decimalText(included), rate: reached.at(-1)?.rate ?? unitPrice },
    ...beyond,
  ];
  return stepsOf(steps, units, { digits: 1n, scale: 0 });
}

function stepsOf(
  steps: readonly { readonly above: string; readonly rate: string }[],
  total: Decimal,
  unit: Decimal,
): WorkingStep[] {
  return steps.map(({ above, rate }, index) => {
    const next = steps[index + 1];
    const top = next === undefined ? total : lesser(total, parseDecimal(next.above));
    const inside = subtractDecimal(top, parseDecimal(above));
    // Only the first step takes what is below nothing.
    const of = index > 0 && compareDecimal(inside, ZERO) < 0 ? ZERO : inside;
    const comesTo = multiplyDecimal(multiplyDecimal(of, parseDecimal(rate)), unit);
    return { above, of: decimalText(of), rate, comesToUsd: decimalText(comesTo) };
  });
}

function lesser(a: Decimal, b: Decimal): Decimal {
  return compareDecimal(a, b) <= 0 ? a : b;
}
