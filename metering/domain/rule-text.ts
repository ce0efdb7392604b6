import type { Charge } from "./charges.ts";
import type { Deployment } from "./license.ts";

const METRIC_WORDS = {
  BilledCost: "billed cost (BilledCost)",
  EffectiveCost: "effective cost (EffectiveCost)",
};

const EXCLUDED_WORDS = {
  Tax: "tax",
  Credit: "credits",
  Refund: "refunds",
  Marketplace: "AWS Marketplace charges",
};

const PRORATION_WORDS = {
  none: "for every month in which the plan runs",
  daily: "by the whole UTC day in which the plan runs",
  hourly: "by the whole hour in which the plan runs",
};

/** The rule as a sentence that a finance person can check with a calculator. */
export function ruleText(
  charge: Charge,
  deployments: readonly Pick<Deployment, "accountId">[],
): string {
  switch (charge.kind) {
    case "percentageOfCost": {
      const accounts = [...new Set(deployments.map(({ accountId }) => accountId))].join(", ");
      const what = {
        account: `AWS account ${accounts}`,
        tag: `what carries the deployment's tag in AWS account ${accounts}`,
      };
      const left = charge.exclude.map((category) => EXCLUDED_WORDS[category]);
      const without = left.length === 0 ? "" : `, leaving out ${listed(left)}`;
      const steps = (charge.tiers ?? []).map(
        ({ above, percent }) => `${percent} % of what the month has above $${above}`,
      );
      return (
        `${charge.percent} % of the ${METRIC_WORDS[charge.costMetric]} of ` +
        `${what[charge.costScope]}${without}${stepWords(steps)}${boundWords(charge)}`
      );
    }
    case "license":
      return `$${charge.perMonth} a month, ${PRORATION_WORDS[charge.proration]}`;
    case "perUnit": {
      const steps = (charge.tiers ?? []).map(
        ({ above, unitPrice }) => `$${unitPrice} for each one above ${above} in the month`,
      );
      return (
        `$${charge.unitPrice} for each unit of ${charge.meter}${includedWords(charge)}` +
        `${stepWords(steps)}${boundWords(charge)}`
      );
    }
    case "oneTime":
      return `$${charge.amount}, once in the life of the license`;
    case "minimumSpend":
      return `the plan's other charges, topped up to $${charge.perMonth} a month (by the whole UTC day in which the plan runs) when the month is over`;
  }
}

function includedWords(charge: Extract<Charge, { kind: "perUnit" }>): string {
  if (charge.entitled === true) {
    return ` beyond what the contract includes (${charge.entitledBy ?? charge.dimension})`;
  }
  return charge.included === undefined ? "" : ` beyond ${charge.included} in the month`;
}

const stepWords = (steps: readonly string[]) => (steps.length === 0 ? "" : `; ${listed(steps)}`);

function boundWords(charge: {
  readonly minimum?: string | undefined;
  readonly cap?: string | undefined;
}) {
  const minimum =
    charge.minimum === undefined
      ? ""
      : `; at least $${charge.minimum} a month (by the whole UTC day in which the plan runs) when the month is over`;
  const cap = charge.cap === undefined ? "" : `; at most $${charge.cap} a month`;
  return minimum + cap;
}

function listed(words: readonly string[]): string {
  return new Intl.ListFormat("en").format(words);
}
