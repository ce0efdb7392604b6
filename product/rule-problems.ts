import type { Charge, PerUnit } from "../metering/domain/charges.ts";
import { toHundredMillionths } from "./decimal.ts";

/** What contradicts itself within a charge. */
export function ruleProblems(path: string, charge: Charge): string[] {
  switch (charge.kind) {
    case "percentageOfCost":
      return [...stepProblems(path, charge.tiers), ...boundProblems(path, charge)];
    case "perUnit":
      return [
        ...allowanceProblems(path, charge),
        ...stepProblems(path, charge.tiers, charge.included),
        ...boundProblems(path, charge),
      ];
    case "license":
    case "oneTime":
    case "minimumSpend":
      return [];
  }
}

function stepProblems(
  path: string,
  tiers: readonly { readonly above: string }[] = [],
  included?: string,
): string[] {
  return tiers.flatMap(({ above }, n) => {
    const at = `${path}.tiers[${n}].above is ${JSON.stringify(above)}`;
    const before = tiers[n - 1]?.above;
    if (before !== undefined && !isAbove(above, before)) {
      return [`${at}: it must be above ${JSON.stringify(before)}, the step before it.`];
    }
    return n === 0 && included !== undefined && !isAbove(above, included)
      ? [
          `${at}: it must be above the ${JSON.stringify(included)} that are included, or the charge's own unitPrice never counts.`,
        ]
      : [];
  });
}

function boundProblems(
  path: string,
  { minimum, cap }: { readonly minimum?: string | undefined; readonly cap?: string | undefined },
): string[] {
  return minimum !== undefined && cap !== undefined && isAbove(minimum, cap)
    ? [`${path}.cap is ${JSON.stringify(cap)}: it must not be below the minimum, ${minimum}.`]
    : [];
}

function allowanceProblems(path: string, { included, entitled, entitledBy }: PerUnit): string[] {
  return [
    ...(included !== undefined && entitled === true
      ? [
          `${path}.included is ${JSON.stringify(included)}: with entitled, the buyer's contract says how many units are included; leave one of them out.`,
        ]
      : []),
    ...(entitledBy !== undefined && entitled !== true
      ? [
          `${path}.entitledBy is ${JSON.stringify(entitledBy)}: it names the dimension of the contract that includes units, so it needs entitled: true.`,
        ]
      : []),
  ];
}

const isAbove = (a: string, b: string) => toHundredMillionths(a) > toHundredMillionths(b);
