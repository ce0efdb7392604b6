import {
  addDecimal,
  compareDecimal,
  type Decimal,
  multiplyDecimal,
  subtractDecimal,
} from "../money.ts";

/** What lies above it is charged at its own rate, up to the next step. */
export interface Step {
  readonly above: Decimal;
  readonly rate: Decimal;
}

/**
 * Each part of the total at the rate of its own step, exactly. Graduated, never by volume: reaching
 * a step doesn't change what lies below it. A total below zero is a credit at the first rate.
 */
export function graduated(total: Decimal, firstRate: Decimal, steps: readonly Step[]): Decimal {
  const [next, ...rest] = steps;
  if (next === undefined || compareDecimal(total, next.above) <= 0) {
    return multiplyDecimal(total, firstRate);
  }
  let sum = multiplyDecimal(next.above, firstRate);
  let step = next;
  for (const above of rest) {
    if (compareDecimal(total, above.above) <= 0) break;
    sum = addDecimal(sum, multiplyDecimal(subtractDecimal(above.above, step.above), step.rate));
    step = above;
  }
  return addDecimal(sum, multiplyDecimal(subtractDecimal(total, step.above), step.rate));
}
