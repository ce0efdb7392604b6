import * as z from "zod";
import { count, day, decimal, instant, usd } from "./statement-schema-parts.ts";

/** As a seller writes it: any form of a decimal number. */
const written = z.string();

const base = { id: z.string(), dimension: z.string() };
const monthly = { minimum: written.optional(), cap: written.optional() };

export const charge = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("percentageOfCost"),
    ...base,
    ...monthly,
    percent: written,
    tiers: z.array(z.object({ above: written, percent: written })).optional(),
    costMetric: z.enum(["BilledCost", "EffectiveCost"]),
    costScope: z.enum(["account", "tag"]),
    exclude: z.array(z.enum(["Tax", "Credit", "Refund", "Marketplace"])),
  }),
  z.object({
    kind: z.literal("license"),
    ...base,
    perMonth: written,
    proration: z.enum(["none", "daily", "hourly"]),
  }),
  z.object({
    kind: z.literal("perUnit"),
    ...base,
    ...monthly,
    meter: z.string(),
    unitPrice: written,
    included: written.optional(),
    entitled: z.boolean().optional(),
    entitledBy: z.string().optional(),
    tiers: z.array(z.object({ above: written, unitPrice: written })).optional(),
  }),
  z.object({ kind: z.literal("oneTime"), ...base, amount: written }),
  z.object({ kind: z.literal("minimumSpend"), ...base, perMonth: written }),
]);

const steps = z
  .array(z.object({ above: written, of: decimal, rate: written, comesToUsd: usd }))
  .describe("of × rate = comesToUsd; a percentage is divided by 100");

const bounds = z.object({
  days: count.describe("Whole UTC days on which the charge ran"),
  ofDays: count.describe("Days of the month"),
  minimumUsd: usd.optional().describe("The minimum's share; owed once the month is over"),
  capUsd: usd.optional(),
});

const share = usd.describe("Sum of the steps, floored once at the twelfth decimal");

export const working = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("percentageOfCost"),
    days: z.array(
      z.object({
        date: day,
        usd: z.partialRecord(z.enum(["Usage", "Tax", "Credit", "Refund", "Marketplace"]), usd),
        countedUsd: usd,
        estimated: z.boolean(),
      }),
    ),
    steps,
    shareUsd: share,
    bounds,
  }),
  z.object({
    kind: z.literal("perUnit"),
    days: z.array(z.object({ date: day, units: decimal })),
    units: decimal,
    includedUnits: decimal.optional(),
    includedBy: z.enum(["plan", "contract", "contract-without-number", "contract-unknown"]),
    steps,
    shareUsd: share,
    bounds,
  }),
  z.object({
    kind: z.literal("license"),
    unit: z.enum(["month", "day", "hour"]),
    counted: count,
    of: count,
  }),
  z.object({ kind: z.literal("oneTime"), firstRan: instant.optional() }),
  z.object({
    kind: z.literal("minimumSpend"),
    spentUsd: usd.describe("What the plan's other charges came to"),
    bounds,
  }),
]);
