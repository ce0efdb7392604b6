import { AwsError } from "../aws-service.ts";
import type { Operation } from "../services/marketplace-agreement.ts";
import { adjustmentStatus, createAdjustment } from "./billing-adjustments.ts";
import type {
  AdjustmentDeps,
  AdjustmentEntry,
  AdjustmentOutcome,
  BillingAdjustment,
} from "./billing-adjustments.ts";
import { pageOf } from "./pages-of-results.ts";
import type { MarketplaceState } from "./state.ts";

/** Billing adjustments: asked for by the seller, done by AWS later (protocol-facts A7). */
export function adjustmentOperations(deps: AdjustmentDeps): Readonly<Record<string, Operation>> {
  const { state } = deps;
  return {
    BatchCreateBillingAdjustmentRequest({ input, callerAccountId }) {
      const entries = entriesOf(input["billingAdjustmentRequestEntries"]);
      const items: unknown[] = [];
      const errors: unknown[] = [];
      for (const entry of entries) {
        const { clientToken } = entry;
        const outcome = isProposer(state, callerAccountId, entry.agreementId)
          ? createAdjustment(deps, entry)
          : NO_AGREEMENT;
        if (outcome.kind === "created") {
          const { billingAdjustmentRequestId } = outcome.adjustment;
          items.push({ billingAdjustmentRequestId, clientToken });
        } else {
          errors.push({ code: outcome.code, message: outcome.message, clientToken });
        }
      }
      return { items, errors };
    },
    GetBillingAdjustmentRequest({ input, agreement }) {
      const { agreementId } = agreement("proposer");
      const id = input["billingAdjustmentRequestId"];
      const found = Object.values(state.adjustments).find(
        (one) => one.billingAdjustmentRequestId === id && one.agreementId === agreementId,
      );
      if (found === undefined) {
        throw new AwsError("ResourceNotFoundException", "The adjustment request is not found.", {
          fields: { resourceId: id, resourceType: "BillingAdjustmentRequest" },
        });
      }
      return { ...view(found, deps.now()), ...details(found, deps.now()) };
    },
    ListBillingAdjustmentRequests({ input, callerAccountId }) {
      const now = deps.now();
      const { agreementId, status, createdAfter, createdBefore } = input;
      const all = Object.values(state.adjustments)
        .filter((one) => isProposer(state, callerAccountId, one.agreementId))
        .filter((one) => agreementId === undefined || one.agreementId === agreementId)
        .filter((one) => status === undefined || adjustmentStatus(one, now) === status)
        .filter(
          ({ createdAt }) => typeof createdAfter !== "number" || createdAt / 1000 > createdAfter,
        )
        .filter(
          ({ createdAt }) => typeof createdBefore !== "number" || createdAt / 1000 < createdBefore,
        )
        .map((one) => ({
          ...view(one, now),
          ...{ agreementType: "PurchaseAgreement", catalog: "AWSMarketplace" },
        }));
      return pageOf(all, input, 50);
    },
  };
}

/** Another seller's agreement is as good as none. */
const NO_AGREEMENT: AdjustmentOutcome = {
  kind: "refused",
  code: "RESOURCE_NOT_FOUND_EXCEPTION",
  message: "There is no such agreement.",
};

const isProposer = (
  { agreements, licenses }: MarketplaceState,
  accountId: string,
  agreementId: string,
): boolean => licenses[agreements[agreementId]?.licenseArn ?? ""]?.sellerAccountId === accountId;

function view(adjustment: BillingAdjustment, now: number): Record<string, unknown> {
  const { billingAdjustmentRequestId, agreementId, originalInvoiceId } = adjustment;
  const { adjustmentAmount, currencyCode, createdAt, endsAt } = adjustment;
  return {
    ...{ billingAdjustmentRequestId, agreementId, originalInvoiceId },
    ...{ adjustmentAmount, currencyCode },
    status: adjustmentStatus(adjustment, now),
    createdAt: new Date(createdAt),
    updatedAt: new Date(now < endsAt ? createdAt : endsAt),
  };
}

const details = (adjustment: BillingAdjustment, now: number): Record<string, unknown> => ({
  adjustmentReasonCode: adjustment.adjustmentReasonCode,
  description: adjustment.description,
  statusMessage:
    adjustmentStatus(adjustment, now) === "VALIDATION_FAILED"
      ? "The adjustment could not be applied to the invoice."
      : undefined,
});

const REQUIRED = [
  "agreementId",
  "originalInvoiceId",
  "adjustmentAmount",
  "currencyCode",
  "adjustmentReasonCode",
  "clientToken",
] as const;

/** A malformed entry refuses the whole request, as the SDK's shapes have it. */
function entriesOf(raw: unknown): AdjustmentEntry[] {
  if (!Array.isArray(raw) || raw.length === 0) {
    throw new AwsError("ValidationException", "billingAdjustmentRequestEntries must not be empty.");
  }
  return raw.map((one: unknown) => {
    const entry = (one ?? {}) as Record<string, unknown>;
    const missing = REQUIRED.find((name) => typeof entry[name] !== "string" || entry[name] === "");
    if (missing !== undefined) {
      throw new AwsError("ValidationException", `${missing} must not be empty.`);
    }
    const text = (name: (typeof REQUIRED)[number]): string => entry[name] as string;
    const { description } = entry;
    return {
      agreementId: text("agreementId"),
      originalInvoiceId: text("originalInvoiceId"),
      adjustmentAmount: text("adjustmentAmount"),
      currencyCode: text("currencyCode"),
      adjustmentReasonCode: text("adjustmentReasonCode"),
      ...(typeof description === "string" ? { description } : {}),
      clientToken: text("clientToken"),
    };
  });
}
