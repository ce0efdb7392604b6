import * as z from "zod";
import type { Product } from "./definition.ts";
import type { ProductInput } from "./input.ts";
import { isDecimal, PRICE_DECIMALS, toHundredMillionths } from "./decimal.ts";
import { commercialRegions } from "./regions.ts";
import { costSourceSchema } from "./cost-source-schema.ts";
import { matching, object, oneOf, region, text } from "./schema-words.ts";

/** February has no 31st, though `Date` takes it for a day in March. */
function isRealInstant(value: string): boolean {
  const date = new Date(value);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value.slice(0, 19));
}

const slug = (longest: number) =>
  text(
    `lowercase words with hyphens, at most ${longest} characters, such as "team-plan"`,
    (value) => value.length <= longest && /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(value),
  );

/** Shown to people, also inside templates, where `${` would be taken for a reference. */
const line = (longest: number) =>
  text(
    `one line of 1 to ${longest} characters, without "\${"`,
    (value) =>
      value.trim().length > 0 &&
      value.length <= longest &&
      !/\p{Cc}|\p{Cs}|\p{Zl}|\p{Zp}|\$\{/u.test(value),
  );

const amount = text(
  `a decimal string above 0 with at most ${PRICE_DECIMALS} decimals, such as "0.01"`,
  (value) => isDecimal(value, PRICE_DECIMALS) && toHundredMillionths(value) > 0n,
);

/** AWS's own name for it is 1 to 255 characters; blanks never survive a listing's form. */
const dimensionName = matching(
  `the listing's API name: 1 to 255 visible ASCII characters without blanks`,
  /^[!-~]{1,255}$/,
);

/** Records are stamped at full hours, so a price can only change there. */
const fullHour = text(
  `a full hour in UTC, such as "2027-01-01T00:00:00Z"`,
  (value) => /^\d{4}-\d{2}-\d{2}T\d{2}:00:00Z$/.test(value) && isRealInstant(value),
);

export const dimensionSchema = object({
  name: dimensionName,
  description: line(70),
  unitPrice: amount,
  priceChanges: z
    .array(object({ from: fullHour, unitPrice: amount }), {
      error: "a list of { from, unitPrice }",
    })
    .optional(),
});

const offerSchema = object({
  offerId: matching(
    `the offer's id in AWS Marketplace, "offer-" and letters and digits`,
    /^offer-[A-Za-z0-9]{1,64}$/,
  ),
  unitPrices: z
    .record(dimensionName, amount, { error: `prices by dimension, such as { users: "0.01" }` })
    .optional(),
  // AWS says 7 to 90 days, its model 5 to 31 (protocol-facts A6).
  freeTrialDays: z
    .int({ error: "a whole number of 5 to 90 days" })
    .min(5, { error: "a whole number of 5 to 90 days" })
    .max(90, { error: "a whole number of 5 to 90 days" })
    .optional(),
});

const costCategories = ["Tax", "Credit", "Refund", "Marketplace"] as const;

const percent = text(
  `a decimal string above 0 and at most 1000 with at most 6 decimals, such as "20" or "12.5"`,
  (value) =>
    isDecimal(value, 6) &&
    toHundredMillionths(value) > 0n &&
    toHundredMillionths(value) <= toHundredMillionths("1000"),
);

const units = text(
  `a decimal string above 0 with at most ${PRICE_DECIMALS} decimals, such as "1000"`,
  (value) => isDecimal(value, PRICE_DECIMALS) && toHundredMillionths(value) > 0n,
);

function tiersOf<Step extends z.ZodType>(step: Step) {
  const allowed = "a list of 1 to 20 steps";
  return z.array(step, { error: allowed }).min(1, { error: allowed }).max(20, { error: allowed });
}

const monthlyBounds = { minimum: amount.optional(), cap: amount.optional() };

const percentageOfCost = object({
  kind: z.literal("percentageOfCost"),
  id: slug(64),
  dimension: dimensionName,
  percent,
  tiers: tiersOf(object({ above: amount, percent })).optional(),
  ...monthlyBounds,
  costMetric: oneOf(["BilledCost", "EffectiveCost"]).default("EffectiveCost"),
  costScope: oneOf(["account", "tag"]).default("account"),
  exclude: z
    .array(oneOf(costCategories), { error: `a list of ${costCategories.join(", ")}` })
    .default([...costCategories]),
});

const licenseFee = object({
  kind: z.literal("license"),
  id: slug(64),
  dimension: dimensionName,
  perMonth: amount,
  proration: oneOf(["none", "daily", "hourly"]).default("none"),
});

const perUnit = object({
  kind: z.literal("perUnit"),
  id: slug(64),
  dimension: dimensionName,
  meter: matching(
    `the name that the product reports its usage under: a letter, then letters, digits, _ and -, at most 64 in all, such as "video_minutes"`,
    /^[A-Za-z][A-Za-z0-9_-]{0,63}$/,
  ),
  unitPrice: amount,
  included: units.optional(),
  entitled: z.boolean({ error: "true or false" }).optional(),
  entitledBy: dimensionName.optional(),
  tiers: tiersOf(object({ above: units, unitPrice: amount })).optional(),
  ...monthlyBounds,
});

const oneTime = object({
  kind: z.literal("oneTime"),
  id: slug(64),
  dimension: dimensionName,
  amount,
});

const minimumSpend = object({
  kind: z.literal("minimumSpend"),
  id: slug(64),
  dimension: dimensionName,
  perMonth: amount,
});

export const chargeSchema = z.discriminatedUnion(
  "kind",
  [percentageOfCost, licenseFee, perUnit, oneTime, minimumSpend],
  {
    error: `a charge made by percentageOfCost({ … }), license({ … }), perUnit({ … }), oneTime({ … }) or minimumSpend({ … })`,
  },
);

const wholeDays = (least: number, most: number) => {
  const error = `a whole number of days from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};

export const planSchema = object({
  id: slug(64),
  title: line(60),
  summary: line(200),
  charges: z.array(chargeSchema, { error: "a list of charges; an empty list makes a free plan" }),
  trial: object({ days: wholeDays(1, 365), graceDays: wholeDays(0, 365).optional() }).optional(),
  hosting: oneOf(["buyer", "seller"]).optional(),
});

const sizes = ["dev", "staging", "production"] as const;

const launchStack = object({
  version: matching(
    `three numbers such as "1.0.0"`,
    /^(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})$/,
  ),
  regions: z
    .array(region, { error: "a list of at least one region" })
    .min(1, { error: "a list of at least one region" })
    .default([...commercialRegions]),
  sizes: z
    .array(oneOf(sizes), { error: `a list of ${sizes.join(", ")}` })
    .min(1, { error: `a list of at least one of ${sizes.join(", ")}` })
    .default([...sizes]),
  defaultSize: oneOf(sizes).optional(),
}).transform((stack) => ({
  ...stack,
  defaultSize:
    stack.defaultSize ?? (stack.sizes.includes("production") ? "production" : stack.sizes.at(-1)!),
}));

const ALLOCATE_BY = `a list of "AccountId", "Region" and "StackId", each at most once`;

/** The shape of a product. */
export const productSchema: z.ZodType<Product, ProductInput> = object({
  title: line(72),
  name: slug(32),
  listing: object({
    productCode: text(
      `the listing's product code (letters and digits; the id that begins with "prod-" goes into productId)`,
      (value) => /^[-A-Za-z0-9/=:_.@]{1,255}$/.test(value) && !value.startsWith("prod-"),
    ),
    productId: matching(
      `the listing's product id, "prod-" and letters and digits`,
      /^prod-[a-z0-9]{1,64}$/,
    ),
    dimensions: z
      .array(dimensionSchema, { error: "a list of 1 to 200 dimensions" })
      .min(1, { error: "a list of 1 to 200 dimensions" })
      .max(200, { error: "a list of 1 to 200 dimensions" }),
    offers: z.array(offerSchema, { error: "a list of offers" }).optional(),
    allocateBy: z
      .array(oneOf(["AccountId", "Region", "StackId"]), { error: ALLOCATE_BY })
      .min(1, { error: ALLOCATE_BY })
      .refine((keys) => new Set(keys).size === keys.length, { error: ALLOCATE_BY })
      .optional(),
    zeroRecords: z.boolean({ error: "true or false" }).default(false),
    identifiedBy: oneOf(["license-arn", "product-code"]).default("license-arn"),
  }),
  seller: object({
    name: line(100),
    accountId: matching(`an AWS account id: 12 digits, as a string`, /^\d{12}$/),
    supportEmail: matching(`an e-mail address`, /^[^\s@]+@[^\s@]+\.[^\s@]+$/),
    supportUrl: text(
      `an https URL`,
      (value) => /^https:\/\/[^\s]+$/.test(value) && URL.canParse(value),
    ).optional(),
    meteringRegion: region.default("us-east-1"),
  }),
  plans: z
    .array(planSchema, { error: "a list of at least one plan" })
    .min(1, { error: "a list of at least one plan" }),
  costSource: costSourceSchema.default({ kind: "cost-explorer" }),
  launchStack,
});
