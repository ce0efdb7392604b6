import { AwsError } from "../aws-service.ts";
import type { AwsRequest, AwsService, Iam } from "../aws-service.ts";
import type { Faults } from "../faults.ts";
import { meteringService } from "../marketplace/batch-meter-usage.ts";
import type { BatchMeterUsageOutput } from "../marketplace/batch-meter-usage.ts";
import { CALLS_PER_SECOND, METERING_REGIONS } from "../marketplace/limits.ts";
import type { MarketplaceState } from "../marketplace/state.ts";
import type { SandboxClock } from "../sandbox.ts";
import { callsPerSecond } from "./calls-per-second.ts";

/** A call and what came of each record, at once: CloudTrail tells it a quarter of an hour later. */
export interface MeteringCall {
  readonly at: number;
  readonly requestId: string;
  readonly region: string;
  readonly caller: string;
  readonly records: number;
  /** An exception's name, or how many records got which status. */
  readonly outcome: string | Readonly<Record<string, number>>;
}

export interface MeteringDeps {
  readonly state: MarketplaceState;
  readonly clock: SandboxClock;
  readonly iam: Iam;
  readonly faults: Faults;
  readonly changed: () => void;
  readonly record: (call: MeteringCall) => void;
  /** Whether AWS's quota of calls per second is enforced. */
  readonly quotaIsOn: () => boolean;
}

/** ResolveCustomer and BatchMeterUsage (protocol-facts A3, A7). */
export function meteringAwsService(deps: MeteringDeps): AwsService {
  const metering = meteringService(deps.state);
  const withinQuota = callsPerSecond(CALLS_PER_SECOND);

  const batchMeterUsage = (request: AwsRequest): BatchMeterUsageOutput => {
    const { caller, region, input, bodyBytes } = request;
    if (deps.quotaIsOn() && !withinQuota(`${caller.accountId} ${region}`)) {
      throw new AwsError("ThrottlingException", "Rate exceeded");
    }
    const unprocessed = () =>
      deps.faults.fires("aws-marketplace", "BatchMeterUsage", "unprocessed") !== undefined;
    const log = (outcome: MeteringCall["outcome"]): void =>
      deps.record(callOf(deps, request, outcome));
    try {
      const output = metering.batchMeterUsage(
        caller.accountId,
        region,
        input,
        deps.clock.now(),
        bodyBytes,
        unprocessed,
      );
      log(summary(output));
      deps.changed();
      return output;
    } catch (error) {
      if (error instanceof AwsError) log(error.code);
      throw error;
    }
  };

  return {
    signingNames: ["aws-marketplace"],
    targetPrefix: "AWSMPMeteringService",
    async handle(request: AwsRequest): Promise<unknown> {
      const { action, caller } = request;
      if (!["ResolveCustomer", "BatchMeterUsage"].includes(action)) {
        throw new AwsError("UnknownOperationException", `Metering here has no ${action}.`);
      }
      if (!deps.iam.isAllowed(caller, `aws-marketplace:${action}`, "*")) {
        throw new AwsError(
          "AccessDeniedException",
          `User: ${caller.arn} is not authorized to perform: aws-marketplace:${action}`,
        );
      }
      return action === "ResolveCustomer"
        ? resolveCustomer(deps, request)
        : batchMeterUsage(request);
    },
  };
}

/** The same token answers the same until it expires (protocol-facts A2). */
function resolveCustomer(
  { state, clock }: MeteringDeps,
  { input, region, caller }: AwsRequest,
): unknown {
  if (!METERING_REGIONS.has(region)) {
    throw new AwsError("DisabledApiException", `The API is disabled in the Region ${region}.`);
  }
  const token = input["RegistrationToken"];
  const known =
    typeof token === "string" && Object.hasOwn(state.tokens, token)
      ? state.tokens[token]
      : undefined;
  const license = known && state.licenses[known.licenseArn];
  if (known === undefined || license?.sellerAccountId !== caller.accountId) {
    throw new AwsError("InvalidTokenException", "Registration token is invalid.");
  }
  if (known.expiresAt <= clock.now()) {
    throw new AwsError("ExpiredTokenException", "The submitted registration token has expired.");
  }
  // CustomerIdentifier is not populated for new SaaS integrations (protocol-facts A3).
  return {
    CustomerAWSAccountId: license.buyerAccountId,
    ProductCode: license.productCode,
    LicenseArn: license.licenseArn,
    CustomerIdentifier: license.customerIdentifier,
  };
}

function callOf(
  { clock }: MeteringDeps,
  { requestId, region, caller, input }: AwsRequest,
  outcome: MeteringCall["outcome"],
): MeteringCall {
  const records = Array.isArray(input["UsageRecords"]) ? input["UsageRecords"].length : 0;
  return { at: clock.now(), requestId, region, caller: caller.arn, records, outcome };
}

function summary(output: BatchMeterUsageOutput): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { Status } of output.Results) counts[Status] = (counts[Status] ?? 0) + 1;
  if (output.UnprocessedRecords.length > 0)
    counts["Unprocessed"] = output.UnprocessedRecords.length;
  return counts;
}
