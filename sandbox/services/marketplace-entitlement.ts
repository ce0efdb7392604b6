import { AwsError } from "../aws-service.ts";
import type { AwsRequest, AwsService, Iam } from "../aws-service.ts";
import type { Faults } from "../faults.ts";
import { typeOf } from "../marketplace/entitlement-values.ts";
import { ENTITLEMENT_CALLS_PER_SECOND, ENTITLEMENTS_PAGE_MAX } from "../marketplace/limits.ts";
import type { Entitlement, LicenseState, MarketplaceState } from "../marketplace/state.ts";
import type { SandboxClock } from "../sandbox.ts";
import { callsPerSecond } from "./calls-per-second.ts";

export interface EntitlementDeps {
  readonly state: MarketplaceState;
  readonly clock: SandboxClock;
  readonly iam: Iam;
  readonly faults: Faults;
  /** Whether AWS's quota of calls per second is enforced. */
  readonly quotaIsOn: () => boolean;
}

interface Granted {
  readonly license: LicenseState;
  readonly entitlement: Entitlement;
}

const FILTER_KEYS = ["CUSTOMER_IDENTIFIER", "CUSTOMER_AWS_ACCOUNT_ID", "DIMENSION", "LICENSE_ARN"];

/** GetEntitlements (protocol-facts A5), in JSON and in CBOR. */
export function entitlementAwsService(deps: EntitlementDeps): AwsService {
  const withinQuota = callsPerSecond(ENTITLEMENT_CALLS_PER_SECOND);
  return {
    signingNames: ["aws-marketplace"],
    targetPrefix: "AWSMPEntitlementService",
    async handle(request: AwsRequest): Promise<unknown> {
      const { action, caller, region, input } = request;
      if (action !== "GetEntitlements") {
        throw new AwsError("UnknownOperationException", `Entitlement here has no ${action}.`);
      }
      if (region !== "us-east-1") {
        throw invalidParameter("The Entitlement Service has its only endpoint in us-east-1.");
      }
      if (!deps.iam.isAllowed(caller, "aws-marketplace:GetEntitlements", "*")) {
        throw new AwsError(
          "AccessDeniedException",
          `User: ${caller.arn} is not authorized to perform: aws-marketplace:GetEntitlements`,
        );
      }
      if (deps.quotaIsOn() && !withinQuota(caller.accountId)) {
        throw new AwsError("ThrottlingException", "Rate exceeded");
      }
      return page(deps, granted(deps, caller.accountId, input), input);
    },
  };
}

/**
 * Pages over everything the product granted and filters afterwards: a page may therefore be
 * empty and still carry a NextToken, as AWS warns.
 */
function page(
  { clock, faults }: EntitlementDeps,
  all: readonly Granted[],
  input: Readonly<Record<string, unknown>>,
): unknown {
  const size = input["MaxResults"] ?? ENTITLEMENTS_PAGE_MAX;
  if (
    typeof size !== "number" ||
    !Number.isInteger(size) ||
    size < 1 ||
    size > ENTITLEMENTS_PAGE_MAX
  ) {
    throw invalidParameter(`MaxResults must be between 1 and ${ENTITLEMENTS_PAGE_MAX}.`);
  }
  const start = startOf(input["NextToken"]);
  const matches = filterOf(input["Filter"]);
  if (faults.fires("aws-marketplace", "GetEntitlements", "empty-page") !== undefined) {
    return { Entitlements: [], NextToken: tokenFor(start) };
  }
  const end = start + size;
  const entitlements = all
    .slice(start, end)
    .filter((one) => one.entitlement.expiresAt > clock.now() && matches(one));
  return {
    Entitlements: entitlements.map(toWire),
    NextToken: end < all.length ? tokenFor(end) : undefined,
  };
}

function granted(
  { state, clock }: EntitlementDeps,
  callerAccountId: string,
  input: Readonly<Record<string, unknown>>,
): Granted[] {
  const code = input["ProductCode"];
  const product = state.products.find(({ productCode }) => productCode === code);
  if (product?.sellerAccountId !== callerAccountId) {
    throw invalidParameter("The product code is invalid for this account.");
  }
  return Object.values(state.licenses)
    .filter(({ productCode, endedAt }) => {
      return productCode === code && (endedAt === undefined || endedAt > clock.now());
    })
    .flatMap((license) => license.entitlements.map((entitlement) => ({ license, entitlement })));
}

/** Values of one key are alternatives, keys add up. */
function filterOf(filter: unknown): (granted: Granted) => boolean {
  if (filter === undefined || filter === null) return () => true;
  const wanted = Object.entries(filter as Record<string, unknown>);
  for (const [key, values] of wanted) {
    if (!FILTER_KEYS.includes(key) || !Array.isArray(values)) {
      throw invalidParameter(`The filter ${key} is not valid.`);
    }
  }
  const keys = wanted.map(([key]) => key);
  if (keys.includes("CUSTOMER_IDENTIFIER") && keys.includes("CUSTOMER_AWS_ACCOUNT_ID")) {
    throw invalidParameter(
      "CUSTOMER_IDENTIFIER and CUSTOMER_AWS_ACCOUNT_ID can't be used in the same filter.",
    );
  }
  return ({ license, entitlement }) => {
    const actual: Record<string, string | undefined> = {
      CUSTOMER_IDENTIFIER: license.customerIdentifier,
      CUSTOMER_AWS_ACCOUNT_ID: license.buyerAccountId,
      DIMENSION: entitlement.dimension,
      LICENSE_ARN: license.licenseArn,
    };
    return wanted.every(([key, values]) => (values as unknown[]).includes(actual[key] ?? null));
  };
}

function toWire({ license, entitlement }: Granted): Record<string, unknown> {
  return {
    ProductCode: license.productCode,
    Dimension: entitlement.dimension,
    CustomerIdentifier: license.customerIdentifier,
    CustomerAWSAccountId: license.buyerAccountId,
    LicenseArn: license.licenseArn,
    Value: { [`${typeOf(entitlement)}Value`]: entitlement.value },
    ExpirationDate: new Date(entitlement.expiresAt),
  };
}

const tokenFor = (start: number): string =>
  Buffer.from(JSON.stringify({ start })).toString("base64url");

function startOf(token: unknown): number {
  if (token === undefined || token === null) return 0;
  try {
    const { start } = JSON.parse(Buffer.from(String(token as string), "base64url").toString()) as {
      start: unknown;
    };
    if (typeof start === "number" && Number.isInteger(start) && start >= 0) return start;
  } catch {
    // Falls through: whatever it is, we never gave it out.
  }
  throw invalidParameter("The NextToken is not valid.");
}

const invalidParameter = (message: string): AwsError =>
  new AwsError("InvalidParameterException", message);
