import * as z from "zod";
import { count, instant, month, usd } from "./statement-schema-parts.ts";

export const balance = z
  .object({
    carriedInUsd: usd.describe("Owed from earlier months; negative: credit"),
    ratedUsd: usd,
    creditUsd: usd,
    billedUsd: usd,
    freeTrialUsd: usd.describe("Accepted in a free trial: AWS charges nothing for it"),
    pendingUsd: usd,
    inDoubtUsd: usd,
    carriedUsd: usd,
    forfeitedUsd: usd,
    writtenOffUsd: usd.describe("Rated in a free trial, and not accepted when it ended"),
  })
  .describe(
    "carriedInUsd + ratedUsd + creditUsd = billedUsd + freeTrialUsd + pendingUsd + inDoubtUsd + carriedUsd + forfeitedUsd + writtenOffUsd",
  );

export const resolution = z
  .object({ billed: count, source: z.string(), at: instant })
  .describe("What was found out about a record in doubt or in conflict");

const outcome = z.enum(["pending", "accepted", "duplicate", "expired", "refused", "in-doubt"]);

const record = z.object({
  kind: z.literal("record"),
  n: count.describe("Its number in the chain"),
  hour: instant,
  quantity: count,
  unitPriceUsd: usd,
  amountUsd: usd,
  committedBeforeUsd: usd.describe("By the items before it"),
  ratedTotalUsd: usd.describe("The most that might be committed when it was sealed"),
  leftUsd: usd.describe("ratedTotalUsd − committedBeforeUsd − amountUsd; never below zero"),
  outcome,
  meteringRecordId: z.string().optional(),
  reason: z.string().optional(),
  identifiedBy: z.enum(["license-arn", "product-code"]),
  sealedAt: instant,
  phase: z.literal("trial").optional(),
  resolved: resolution.optional(),
  parts: z
    .array(z.object({ month, quantity: count, amountUsd: usd }))
    .describe("Its units by the service month that they were owed for"),
});

const zeros = z
  .object({
    kind: z.literal("zeros"),
    n: count,
    through: count,
    firstHour: instant,
    lastHour: instant,
    outcome,
  })
  .describe("Consecutive records of no units");

const evidence = z.object({
  kind: z.literal("evidence"),
  n: count,
  aboutHour: instant,
  unitPriceUsd: usd,
  billedBefore: count,
  billed: count,
  correctionUsd: usd,
  source: z.string(),
  committedBeforeUsd: usd,
  ratedTotalUsd: usd,
  leftUsd: usd,
  sealedAt: instant,
});

export const chain = z.object({
  dimension: z.string(),
  opening: z.object({
    n: count.optional(),
    committedUsd: usd.describe("By all items before the first one here"),
    correctedLaterUsd: usd.describe("What later evidence corrects of that"),
  }),
  items: z.array(z.discriminatedUnion("kind", [record, zeros, evidence])),
  accounts: z.array(
    z.object({
      phase: z.enum(["paid", "trial"]),
      rated: z.array(z.object({ month, usd })),
      ratedUsd: usd,
      committedBeforeUsd: usd.describe("Before the first item, as known today"),
      service: balance,
      invoice: balance,
    }),
  ),
});
