import { AwsError } from "../aws-service.ts";
import type { AwsRequest, AwsService, Iam } from "../aws-service.ts";
import { adjustmentOperations } from "../marketplace/adjustment-operations.ts";
import { agreementOperations } from "../marketplace/agreement-operations.ts";
import type { AdjustmentDeps } from "../marketplace/billing-adjustments.ts";
import type { Agreement, MarketplaceState } from "../marketplace/state.ts";

export type AgreementServiceDeps = AdjustmentDeps & { readonly iam: Iam };

/** A call with the agreement that it is about, if it is about one. */
export interface AgreementCall {
  readonly input: Readonly<Record<string, unknown>>;
  readonly callerAccountId: string;
  /** Checked to exist and to be the caller's. */
  readonly agreement: (as: "proposer" | "either") => Agreement;
}

export type Operation = (call: AgreementCall) => unknown;

/** What of the Agreement API reconciling needs (protocol-facts A9). */
export function agreementAwsService(deps: AgreementServiceDeps): AwsService {
  const operations: Readonly<Record<string, Operation>> = {
    ...agreementOperations(deps),
    ...adjustmentOperations(deps),
  };
  return {
    signingNames: ["aws-marketplace"],
    targetPrefix: "AWSMPCommerceService_v20200301",
    async handle({ action, caller, region, input }: AwsRequest): Promise<unknown> {
      const operation = Object.hasOwn(operations, action) ? operations[action] : undefined;
      if (operation === undefined) {
        throw new AwsError("UnknownOperationException", `Agreements here have no ${action}.`);
      }
      if (region !== "us-east-1") {
        throw invalidInput("The Agreement API has its only endpoint in us-east-1.");
      }
      if (!deps.iam.isAllowed(caller, `aws-marketplace:${action}`, "*")) {
        throw new AwsError(
          "AccessDeniedException",
          `User: ${caller.arn} is not authorized to perform: aws-marketplace:${action}`,
        );
      }
      const { accountId: callerAccountId } = caller;
      return operation({
        input,
        callerAccountId,
        agreement: (as) => agreementOf(deps.state, callerAccountId, input["agreementId"], as),
      });
    },
  };
}

function agreementOf(
  { agreements, licenses }: MarketplaceState,
  callerAccountId: string,
  agreementId: unknown,
  as: "proposer" | "either",
): Agreement {
  if (typeof agreementId !== "string" || agreementId === "") {
    throw invalidInput("agreementId must not be empty.");
  }
  const agreement = Object.hasOwn(agreements, agreementId) ? agreements[agreementId] : undefined;
  const seller = agreement && licenses[agreement.licenseArn]?.sellerAccountId;
  const isParty =
    seller === callerAccountId ||
    (as === "either" && agreement?.buyerAccountId === callerAccountId);
  // Somebody else's agreement and none at all get the same answer, so that nobody can list them.
  if (agreement === undefined || !isParty) {
    throw new AwsError("ResourceNotFoundException", `Agreement ${agreementId} is not found.`, {
      fields: { resourceId: agreementId, resourceType: "Agreement" },
    });
  }
  return agreement;
}

export const invalidInput = (message: string): AwsError =>
  new AwsError("ValidationException", message);
