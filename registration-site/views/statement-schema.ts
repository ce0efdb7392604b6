import * as z from "zod";
import type { Statement } from "../../metering/domain/statement.ts";

/** Rises when a field is removed or means something else; additions don't raise it. */
export const STATEMENT_FORMAT_VERSION = 1;

const usd = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .describe("Exact decimal amount in USD");
const count = z.int().min(0);
const instant = z.int().describe("Milliseconds since 1970-01-01T00:00:00Z");

const statement = z.object({
  licenseArn: z.string(),
  buyerAccountId: z.string(),
  plan: z.object({ id: z.string(), title: z.string() }),
  month: z
    .string()
    .regex(/^\d{4}-\d{2}$/)
    .describe("Service month, UTC"),
  generatedAt: instant,
  charges: z.array(
    z.object({
      chargeId: z.string(),
      dimension: z.string(),
      unitPriceUsd: usd,
      rule: z.string().describe("The rule in words"),
      costUsd: usd.optional().describe("What the rule counts; absent for a license fee"),
      ratedUsd: usd,
    }),
  ),
  days: z.array(
    z.object({
      date: z.string().regex(/^\d{4}-\d{2}-\d{2}$/),
      costUsd: usd,
      estimated: z.boolean().describe("AWS may still change the figure"),
      ratedCumulativeUsd: usd,
      billedCumulativeUsd: usd,
    }),
  ),
  excludedCost: z.array(z.object({ category: z.string(), usd })),
  records: z.array(
    z.object({
      hour: z.string().describe("ISO 8601; its month is the month of the invoice"),
      dimension: z.string(),
      quantity: count.describe("Units of this record owed for this service month"),
      recordQuantity: count.describe("All units of the record, as AWS knows it"),
      unitPriceUsd: usd,
      amountUsd: usd,
      outcome: z.enum(["pending", "accepted", "duplicate", "expired", "refused", "in-doubt"]),
      meteringRecordId: z.string().optional(),
      sealedAt: instant,
    }),
  ),
  totals: z
    .object({
      costUsd: usd,
      carriedInUsd: usd.describe("Owed from earlier months; negative: credit"),
      ratedUsd: usd,
      billedUsd: usd,
      pendingUsd: usd,
      inDoubtUsd: usd,
      carriedUsd: usd,
      creditUsd: usd,
      forfeitedUsd: usd,
      acceptedUnits: count,
      records: z.object({
        accepted: count,
        duplicate: count,
        expired: count,
        refused: count,
        inDoubt: count,
      }),
    })
    .describe(
      "carriedInUsd + ratedUsd + creditUsd = billedUsd + pendingUsd + inDoubtUsd + carriedUsd + forfeitedUsd",
    ),
}) satisfies z.ZodType<Statement>;

/** What `/statements/YYYY-MM.json` holds. */
export const statementDocument = statement.extend({
  $schema: z.url(),
  formatVersion: z.literal(STATEMENT_FORMAT_VERSION),
});

export type StatementDocument = z.infer<typeof statementDocument>;

export const SCHEMA_PATH = "/statement.schema.json";

export const toStatementDocument = (statement: Statement, origin: string) => ({
  $schema: `${origin}${SCHEMA_PATH}`,
  formatVersion: STATEMENT_FORMAT_VERSION,
  ...statement,
});

export const statementJsonSchema = (origin: string) => ({
  $id: `${origin}${SCHEMA_PATH}`,
  title: "Statement of a license's month",
  // Readers must ignore what they don't know: fields may be added.
  ...z.toJSONSchema(statementDocument, { io: "input" }),
});
