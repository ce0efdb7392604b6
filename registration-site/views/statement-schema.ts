import * as z from "zod";
import type { Statement } from "../../metering/domain/statement.ts";
import { charge, working } from "./statement-schema-charges.ts";
import { balance, chain, resolution } from "./statement-schema-chains.ts";
import { count, day, instant, month, usd } from "./statement-schema-parts.ts";

/** Rises when a field is removed or means something else; additions don't raise it. */
export const STATEMENT_SCHEMA_VERSION = 1;

const statement = z.object({
  licenseArn: z.string(),
  buyerAccountId: z.string(),
  plan: z.object({ id: z.string(), title: z.string() }).describe("The last plan of the month"),
  month: month.describe("Service month and invoice month, UTC"),
  generatedAt: instant,
  life: z.object({
    activatedAt: instant,
    endsAt: instant.optional().describe("When the final run began"),
    endedAt: instant.optional(),
    freeTrialEndsAt: instant
      .optional()
      .describe("AWS Marketplace charges nothing for what is metered before"),
  }),
  terms: z
    .array(
      z.object({
        planId: z.string(),
        title: z.string(),
        from: instant,
        until: instant,
        days: count.describe("Whole UTC days"),
        trialUntil: instant.optional().describe("The seller's own trial: nothing is rated before"),
      }),
    )
    .describe("Which plan counted when, within the month"),
  prices: z
    .array(
      z.object({
        dimension: z.string(),
        unitPriceUsd: usd,
        from: instant.optional().describe("Absent: from the beginning of the month"),
        offerId: z.string().optional(),
        words: z.string(),
      }),
    )
    .describe("What a unit cost within the month"),
  charges: z
    .array(
      z.object({
        chargeId: z.string(),
        dimension: z.string(),
        planId: z.string(),
        phase: z.enum(["paid", "trial"]).describe("trial: days of a Marketplace free trial"),
        charge: charge.describe("The definition, as it was in force"),
        rule: z.string().describe("The definition in words"),
        unitPriceUsd: usd.or(z.literal("")),
        periods: z
          .array(z.object({ from: instant, until: instant }))
          .describe("When it ran within the month so far; the end is exclusive"),
        working,
        costUsd: usd.optional().describe("What the rule counts, for a percentage of cost"),
        ownUsd: usd.describe("What this definition alone comes to"),
        ratedUsd: usd.describe(
          "Less where an earlier definition paid the month, or one cap covers both",
        ),
      }),
    )
    .describe("One for each definition that a charge had in the month"),
  days: z.array(
    z.object({
      date: day,
      costUsd: usd,
      estimated: z.boolean().describe("AWS may still change the figure"),
      ratedCumulativeUsd: usd,
      billedCumulativeUsd: usd,
    }),
  ),
  excludedCost: z.array(z.object({ category: z.string(), usd })),
  reading: z
    .array(
      z.object({
        deploymentId: z.string(),
        requests: count,
        usd,
        paidBy: z.enum(["buyer", "seller"]).describe("On whose AWS bill the requests stand"),
      }),
    )
    .describe("What asking AWS for the cost cost by itself"),
  records: z
    .array(
      z.object({
        hour: instant.describe("Its month is the month of the invoice"),
        dimension: z.string(),
        quantity: count.describe("Units of this record owed for this service month"),
        recordQuantity: count.describe("All units of the record, as it was sent"),
        unitPriceUsd: usd,
        amountUsd: usd,
        outcome: z.enum(["pending", "accepted", "duplicate", "expired", "refused", "in-doubt"]),
        meteringRecordId: z.string().optional(),
        reason: z.string().optional(),
        phase: z.literal("trial").optional(),
        resolved: resolution.optional(),
        sealedAt: instant,
      }),
    )
    .describe("By service month; those of an invoice month are the chains' items of its hours"),
  chains: z.array(chain),
  forfeited: z.array(
    z.object({
      dimension: z.string(),
      date: day.optional().describe("Absent for what was left of earlier months"),
      usd,
    }),
  ),
  unreportedDays: z
    .array(day)
    .describe("Days without a cost from AWS when the license's final hour closed"),
  adjustments: z.array(
    z.object({
      requestId: z.string().optional(),
      invoiceId: z.string().optional(),
      usd,
      reason: z.string(),
      state: z.enum(["prepared", "requested", "completed", "failed"]),
    }),
  ),
  totals: balance
    .extend({
      costUsd: usd,
      readingUsd: usd,
      readingRequests: count,
      adjustedUsd: usd,
      acceptedUnits: count,
      zeroRecords: count,
      records: z.object({
        accepted: count,
        duplicate: count,
        expired: count,
        refused: count,
        inDoubt: count,
      }),
    })
    .describe("By service month: what was rated for it, on whichever invoice it stands"),
  invoice: balance.describe("By invoice month: what is stamped within it, for whichever month"),
}) satisfies z.ZodType<Statement>;

/** What `/statements/YYYY-MM.json` holds. */
export const statementDocument = statement.extend({
  $schema: z.string(),
  schemaVersion: z.literal(STATEMENT_SCHEMA_VERSION),
});

export type StatementDocument = z.infer<typeof statementDocument>;

/** Stable for ever: another version gets another path. */
export const SCHEMA_PATH = `/schemas/statement-v${STATEMENT_SCHEMA_VERSION}.json`;

/** Of the copy that comes with the package, for statements that no site has made. */
export const PACKAGED_SCHEMA = `launchmeter/statement-v${STATEMENT_SCHEMA_VERSION}.schema.json`;

export const toStatementDocument = (statement: Statement, schema: string) => ({
  $schema: schema,
  schemaVersion: STATEMENT_SCHEMA_VERSION,
  ...statement,
});

export const statementJsonSchema = (id: string) => ({
  $id: id,
  title: "Statement of a license's month",
  // Readers must ignore what they don't know: fields may be added.
  ...z.toJSONSchema(statementDocument, { io: "input" }),
});
