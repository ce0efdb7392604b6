import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Plan } from "../../metering/domain/charges.ts";
import type { CostMonth } from "../../metering/domain/cost.ts";
import { exactUsd as picoDollars, usdText } from "../../metering/domain/money.ts";
import { rate, type RatingInput } from "../../metering/domain/rating.ts";
import type { PlanTerm } from "../../metering/domain/terms.ts";
import { defineProduct } from "../../product/define-product.ts";
import type { PlanInput } from "../../product/input.ts";
import { exactUsd, grouped } from "../../registration-site/views/format.tsx";
import { aDeployment, aLicense, at } from "../metering/fixtures.ts";
import { usageMonths } from "../metering/rating-world.ts";
import * as models from "./pricing-models.ts";

const GUIDE = readFileSync("docs/guides/pricing.md", "utf8");
const CODE = readFileSync("tests/product/pricing-models.ts", "utf8");

/** Prettier wraps prose and aligns tables, which says nothing. */
const plain = (text: string) => text.replace(/\s+/g, " ").replace(/-{3,}/g, "---");

interface Month {
  /** The sentence of the guide that gives the month's figures. */
  readonly says: string;
  readonly plans: readonly PlanInput[];
  /** Plan ids, each from an instant on. */
  readonly terms: readonly (readonly [string, string])[];
  readonly cost?: Readonly<Record<string, string>>;
  readonly usage?: { readonly meter: string; readonly units: string };
  readonly entitled?: string;
  readonly freeTrialEndsAt?: string;
}

const SINCE_JANUARY = "2026-01-01T00:00:00Z";

const months: Record<string, Month> = {
  percentage: {
    says: "In March AWS charges $1,234.56 for usage and $98.76 of tax.",
    plans: models.percentage,
    terms: [["share", SINCE_JANUARY]],
    cost: { Usage: "1234.56", Tax: "98.76" },
  },
  flat: {
    says: "A buyer begins on March 11 at 15:00 UTC: 20 of 31 days are whole.",
    plans: models.flat,
    terms: [["license", "2026-03-11T15:00:00Z"]],
  },
  editions: {
    says: "A buyer begins with Starter on March 1 at 09:00 UTC. 17 days later it is March 18, 09:00; the next midnight begins March 19, and 13 of 31 days are left.",
    plans: models.editions,
    terms: [["starter", "2026-03-01T09:00:00Z"]],
  },
  freemium: {
    says: "A buyer changes from Free to Pro during March 15, so Pro counts from March 16: 16 of 31 days.",
    plans: models.freemium,
    terms: [
      ["free", SINCE_JANUARY],
      ["pro", "2026-03-16T00:00:00Z"],
    ],
  },
  perpetual: {
    says: "A buyer begins on March 11; in April and ever after nothing is owed.",
    plans: models.perpetual,
    terms: [["perpetual", "2026-03-11T15:00:00Z"]],
  },
  "cost-plus": {
    says: "A buyer begins on March 1, and AWS charges $312.345678 for usage in March.",
    plans: models.costPlus,
    terms: [["managed", "2026-03-01T00:00:00Z"]],
    cost: { Usage: "312.345678" },
  },
  overage: {
    says: "The buyer makes 23 videos in March.",
    plans: models.overage,
    terms: [["studio", SINCE_JANUARY]],
    usage: { meter: "videos", units: "23" },
  },
  "per-minute": {
    says: "The buyer processes 1,234.5 minutes in March.",
    plans: models.perMinute,
    terms: [["minutes", SINCE_JANUARY]],
    usage: { meter: "video_minutes", units: "1234.5" },
  },
  hybrid: {
    says: "A buyer whom you host makes 64 posts in March.",
    plans: models.hybrid,
    terms: [["hosted", SINCE_JANUARY]],
    usage: { meter: "posts", units: "64" },
  },
  contract: {
    says: "The contract includes 1,000 minutes a month, and the buyer processes 1,200.25 in March.",
    plans: models.contract,
    terms: [["contract", SINCE_JANUARY]],
    usage: { meter: "video_minutes", units: "1200.25" },
    entitled: "1000",
  },
  bounded: {
    says: "In March AWS charges $12,000.00 for usage.",
    plans: models.bounded,
    terms: [["volume", SINCE_JANUARY]],
    cost: { Usage: "12000" },
  },
  "quiet-month": {
    says: "In a March in which AWS charges $700.00, the minimum is owed at midnight on April 1.",
    plans: models.bounded,
    terms: [["volume", SINCE_JANUARY]],
    cost: { Usage: "700" },
  },
  "free-trial": {
    says: "The trial ends on March 10 at 09:00 UTC, so that March 10 still belongs to it: 10 of 31 days.",
    plans: models.flat,
    terms: [["license", "2026-03-01T00:00:00Z"]],
    freeTrialEndsAt: "2026-03-10T09:00:00Z",
  },
};

function productOf(plans: readonly PlanInput[]) {
  return defineProduct({
    title: "Guide",
    name: "guide",
    listing: {
      productCode: "abc123",
      productId: "prod-abc123",
      dimensions: models.dimensions,
    },
    seller: { name: "Seller", accountId: "999988887777", supportEmail: "help@example.com" },
    plans,
    launchStack: { version: "1.0.0" },
  });
}

function inputOf(month: Month): RatingInput {
  const { plans } = productOf(month.plans);
  const planOf = (id: string): Plan => plans.find((plan) => plan.id === id)!;
  const terms = month.terms.map(([id, from], n): PlanTerm => ({
    plan: planOf(id),
    period: {
      start: at(from),
      end: n + 1 < month.terms.length ? at(month.terms[n + 1]![1]) : Infinity,
    },
  }));
  const activatedAt = terms[0]!.period.start;
  const cost: CostMonth = {
    ...{ deploymentId: "d-1", metric: "EffectiveCost", scope: "account" },
    ...{ month: "2026-03", observedAt: 1 },
    days: { "2026-03-20": { estimated: false, usd: month.cost ?? {} } },
  };
  return {
    license: aLicense({ activatedAt }),
    terms,
    deployments: [aDeployment({ registeredAt: activatedAt })],
    costs: [cost],
    usage: usageMonths(month.usage && { "2026-03-20T10": month.usage.units }, month.usage?.meter),
    entitlements:
      month.entitled === undefined
        ? undefined
        : [{ dimension: "minutes_1000", units: month.entitled, from: 0, until: Infinity }],
    ...(month.freeTrialEndsAt && { freeTrialEndsAt: at(month.freeTrialEndsAt) }),
    months: ["2026-03"],
    now: at("2026-04-01T00:00:00Z"),
  };
}

/** What each charge comes to, then each dimension's whole units, then what is left of a unit. */
function tableOf(month: Month): string {
  const amounts = rate(inputOf(month)).filter(({ usd }) => usd !== 0n);
  const rows = amounts.map(
    ({ chargeId, usd, phase }) =>
      `| \`${chargeId}\`${phase === undefined ? "" : ", in the trial: free"} | ${exactUsd(usdText(usd))} |`,
  );
  for (const { name, unitPrice } of models.dimensions) {
    // What is reported in a free trial depends on when it came, and costs nothing.
    const owed = amounts
      .filter(({ dimension, phase }) => dimension === name && phase === undefined)
      .reduce((sum, { usd }) => sum + usd, 0n);
    if (owed === 0n) continue;
    const price = picoDollars(unitPrice);
    const units = owed / price;
    const rest = owed - units * price;
    rows.push(
      `| reported: ${grouped(`${units}`)} × \`${name}\` at ${exactUsd(unitPrice)} | ${exactUsd(usdText(units * price))} |`,
    );
    if (rest > 0n) rows.push(`| carried into the next record | ${exactUsd(usdText(rest))} |`);
  }
  return ["| March 2026 | USD |", "| --- | --- |", ...rows].join("\n");
}

/** What the guide shows of a region: a buyer of the package writes plans, not exports. */
function snippetOf(region: string): string {
  const code = CODE.split(`// #region ${region}\n`)[1]?.split("// #endregion")[0];
  if (code === undefined) throw new Error(`no region ${region}`);
  return code
    .replace(/export const \w+: PlanInput\[\] =/, "const plans =")
    .replace(/export const dimensions: [^=]+ =/, "const dimensions =")
    .replace(": PlanInput =>", " =>")
    .trim();
}

describe("the pricing guide", () => {
  const regions = [...CODE.matchAll(/\/\/ #region (\S+)/g)].map(([, name]) => name!);

  it.each(regions)("shows the plans of %s as they are tested", (region) => {
    expect(GUIDE).toContain(["```ts", snippetOf(region), "```"].join("\n"));
  });

  it.each(Object.keys(months))("works %s out as it is rated", (name) => {
    const month = months[name]!;

    expect(plain(GUIDE)).toContain(plain(`${month.says} ${tableOf(month)}`));
  });

  it("sells plans that are accepted", () => {
    for (const { plans } of Object.values(months)) {
      expect(productOf(plans).plans).toHaveLength(plans.length);
    }
  });
});
