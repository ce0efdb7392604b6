import {
  license,
  minimumSpend,
  oneTime,
  percentageOfCost,
  perUnit,
} from "../../product/define-product.ts";
import type { PlanInput, ProductInput } from "../../product/input.ts";

/**
 * The plans that docs/guides/pricing.md shows. The guide holds the text between the two lines of
 * each region, so that what it shows is checked, formatted and rated by a test.
 */

// #region dimensions
export const dimensions: ProductInput["listing"]["dimensions"] = [
  { name: "usd_cents", description: "US cents, as the statement explains", unitPrice: "0.01" },
  { name: "video_minutes", description: "Minutes of video, beyond a contract", unitPrice: "0.15" },
];
// #endregion

// #region percentage
export const percentage: PlanInput[] = [
  {
    id: "share",
    title: "Pay as you grow",
    summary: "20 % of what AWS charges you for the account it runs in.",
    charges: [percentageOfCost({ id: "share-of-cost", dimension: "usd_cents", percent: "20" })],
  },
];
// #endregion

// #region flat
export const flat: PlanInput[] = [
  {
    id: "license",
    title: "Flat license",
    summary: "$19 a month, by the day.",
    charges: [
      license({
        id: "monthly-license",
        dimension: "usd_cents",
        perMonth: "19",
        proration: "daily",
      }),
    ],
  },
];
// #endregion

// #region editions
const edition = (id: string, title: string, perMonth: string): PlanInput => ({
  id,
  title,
  summary: `$${perMonth} a month after 14 days to try it.`,
  charges: [license({ id: `${id}-fee`, dimension: "usd_cents", perMonth, proration: "daily" })],
  trial: { days: 14, graceDays: 3 },
});

export const editions: PlanInput[] = [
  edition("starter", "Starter", "299"),
  edition("business", "Business", "599"),
  edition("enterprise", "Enterprise", "1299"),
];
// #endregion

// #region freemium
export const freemium: PlanInput[] = [
  { id: "free", title: "Free", summary: "The basics, for as long as you like.", charges: [] },
  {
    id: "pro",
    title: "Pro",
    summary: "Everything, for $49 a month.",
    charges: [
      license({ id: "pro-fee", dimension: "usd_cents", perMonth: "49", proration: "daily" }),
    ],
  },
];
// #endregion

// #region perpetual
export const perpetual: PlanInput[] = [
  {
    id: "perpetual",
    title: "Yours for good",
    summary: "$499 once.",
    charges: [oneTime({ id: "purchase", dimension: "usd_cents", amount: "499" })],
  },
];
// #endregion

// #region cost-plus
export const costPlus: PlanInput[] = [
  {
    id: "managed",
    title: "Managed for you",
    summary: "We build it once, and run it for a quarter of its AWS cost.",
    charges: [
      oneTime({ id: "development", dimension: "usd_cents", amount: "2500" }),
      percentageOfCost({ id: "management", dimension: "usd_cents", percent: "25" }),
    ],
  },
];
// #endregion

// #region overage
export const overage: PlanInput[] = [
  {
    id: "studio",
    title: "Studio",
    summary: "$50 a month with 20 videos, and $2.25 for each one more.",
    charges: [
      license({ id: "studio-fee", dimension: "usd_cents", perMonth: "50" }),
      perUnit({
        id: "more-videos",
        dimension: "usd_cents",
        meter: "videos",
        unitPrice: "2.25",
        included: "20",
      }),
    ],
  },
];
// #endregion

// #region per-minute
export const perMinute: PlanInput[] = [
  {
    id: "minutes",
    title: "By the minute",
    summary: "$0.15 for each minute of video.",
    charges: [
      perUnit({
        id: "minutes-processed",
        dimension: "video_minutes",
        meter: "video_minutes",
        unitPrice: "0.15",
      }),
    ],
  },
];
// #endregion

// #region hybrid
export const hybrid: PlanInput[] = [
  {
    id: "hosted",
    title: "We run it",
    summary: "$29 a month with 50 posts. No AWS account needed.",
    hosting: "seller",
    charges: [
      license({ id: "hosted-fee", dimension: "usd_cents", perMonth: "29" }),
      perUnit({
        id: "more-posts",
        dimension: "usd_cents",
        meter: "posts",
        unitPrice: "0.5",
        included: "50",
      }),
    ],
  },
  {
    id: "own-account",
    title: "You run it",
    summary: "$19 a month, in your own AWS account, as many posts as you like.",
    charges: [license({ id: "own-fee", dimension: "usd_cents", perMonth: "19" })],
  },
];
// #endregion

// #region contract
export const contract: PlanInput[] = [
  {
    id: "contract",
    title: "By contract",
    summary: "What your contract includes, and $0.15 for each minute more.",
    charges: [
      perUnit({
        id: "minutes-beyond",
        dimension: "video_minutes",
        meter: "video_minutes",
        unitPrice: "0.15",
        entitled: true,
        entitledBy: "minutes_1000",
      }),
    ],
  },
];
// #endregion

// #region bounded
export const bounded: PlanInput[] = [
  {
    id: "volume",
    title: "Volume",
    summary: "20 % of AWS cost, less above $10,000, and never more than $5,000 a month.",
    charges: [
      percentageOfCost({
        id: "volume-share",
        dimension: "usd_cents",
        percent: "20",
        tiers: [{ above: "10000", percent: "12.5" }],
        cap: "5000",
      }),
      minimumSpend({ id: "least", dimension: "usd_cents", perMonth: "310" }),
    ],
  },
];
// #endregion
