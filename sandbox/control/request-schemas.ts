import * as z from "zod";
import { FAULT_KINDS } from "../faults.ts";
import type { FaultKind } from "../faults.ts";
import { ENTITLEMENT_TYPES } from "../marketplace/entitlement-values.ts";

const accountId = z.string().regex(/^\d{12}$/, "must be 12 digits");

export const clockMove = z.union([
  z.strictObject({ advanceTo: z.union([z.iso.datetime({ offset: true }), z.int()]) }),
  z.strictObject({ advanceBy: z.int() }),
]);

const faultRule = z.strictObject({
  service: z.string().min(1),
  action: z.string().min(1),
  kind: z.enum(FAULT_KINDS as readonly [FaultKind, ...FaultKind[]]),
  probability: z.number().min(0).max(1).optional(),
  count: z.int().min(1).optional(),
  delayMs: z.int().optional(),
});

/** Only a clock can be behind. */
const saneFault = faultRule.refine(({ kind, delayMs = 0 }) => kind === "skew" || delayMs >= 0, {
  path: ["delayMs"],
  error: "must not be negative",
});

export const oneFault = saneFault;
export const allFaults = z.array(saneFault);

export const costSource = z.strictObject({
  file: z.string().min(1),
  sourceAccountId: z.string().min(1).optional(),
  accountId,
  repeatMonths: z.int().min(0).max(24).optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

export const restatement = z.strictObject({
  accountId,
  day: z.iso.date(),
  amountUsd: z.string(),
  recordType: z.enum(["Usage", "Fee", "Tax", "Credit", "Refund", "Other"]).default("Usage"),
  service: z.string().default("Restatement"),
});

const entitlements = z.array(
  z.strictObject({
    dimension: z.string().min(1),
    value: z.union([z.number(), z.boolean(), z.string()]),
    type: z.enum(ENTITLEMENT_TYPES).optional(),
    expiresAt: z.int(),
  }),
);

export const tagChange = z.strictObject({
  accountId,
  key: z.string().min(1),
  status: z.enum(["Active", "Inactive"]),
  afterMs: z.int().min(0).optional(),
  backfillFrom: z.iso.date().optional(),
});

export const newAgreement = z.strictObject({
  accountId: accountId.optional(),
  productCode: z.string().optional(),
  offerId: z.string().optional(),
  freeTrial: z.boolean().optional(),
  licenseAfterMs: z.int().min(0).optional(),
  entitlements: entitlements.optional(),
});

export const entitlementsOfLicense = z.strictObject({ entitlements });

export const newOffer = z.strictObject({
  productCode: z.string().optional(),
  unitPricesUsd: z.record(z.string(), z.string()).optional(),
  freeTrialDays: z.int().optional(),
  buyerAccountIds: z.array(accountId).optional(),
});

export const priceChange = z.strictObject({
  productCode: z.string().optional(),
  dimension: z.string().min(1),
  unitPriceUsd: z.string(),
  from: z.int().optional(),
  existingAgreements: z.enum(["keep", "change"]),
});

export const endOfAgreement = z.strictObject({
  status: z.enum(["CANCELLED", "EXPIRED", "TERMINATED"]).optional(),
  deprovisionAfterMs: z.int().min(0).optional(),
});

export const tokenRequest = z.strictObject({ agreementId: z.string() });

export const settings = z.strictObject({
  meteringQuota: z.boolean().optional(),
  entitlementQuota: z.boolean().optional(),
  costExplorerPageSize: z.int().min(1).max(1000).optional(),
  costTagsNeedActivation: z.boolean().optional(),
  cloudTrailQuota: z.boolean().optional(),
  cloudTrailDelayMs: z.int().min(0).optional(),
  cloudTrailTimestamps: z.enum(["documented", "iso-8601", "epoch-seconds"]).optional(),
});

const policy = z.looseObject({ Statement: z.unknown() });

export const newRole = z.strictObject({
  accountId,
  name: z.string().regex(/^[\w+=,.@-]{1,64}$/, "must be a role name"),
  trustPolicy: policy,
  policies: z.record(z.string(), policy).default({}),
});
