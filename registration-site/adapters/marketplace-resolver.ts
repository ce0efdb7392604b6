import {
  ExpiredTokenException,
  InternalServiceErrorException,
  InvalidTokenException,
  type MarketplaceMeteringClient,
  ResolveCustomerCommand,
  ThrottlingException,
} from "@aws-sdk/client-marketplace-metering";
import type { CoreLog, MarketplaceResolver } from "../core-deps.ts";

export interface MarketplaceResolverDeps {
  readonly client: MarketplaceMeteringClient;
  readonly log: CoreLog;
}

/** All tries together. The buyer's browser waits for this; the SDK alone would wait for ever. */
const TIMEOUT_MS = 5_000;

/**
 * ResolveCustomer (protocol-facts A3).
 *
 * Of an error only its name is logged: a message could repeat the token.
 */
export function marketplaceResolver({ client, log }: MarketplaceResolverDeps): MarketplaceResolver {
  return {
    async resolve(registrationToken) {
      try {
        const command = new ResolveCustomerCommand({ RegistrationToken: registrationToken });
        const { LicenseArn, ProductCode, CustomerAWSAccountId } = await client.send(command, {
          abortSignal: AbortSignal.timeout(TIMEOUT_MS),
        });
        if (!LicenseArn || !ProductCode || !CustomerAWSAccountId) {
          log("error", "ResolveCustomer left out what concurrent agreements need", {
            missing: [
              LicenseArn ? "" : "LicenseArn",
              ProductCode ? "" : "ProductCode",
              CustomerAWSAccountId ? "" : "CustomerAWSAccountId",
            ]
              .filter((name) => name !== "")
              .join(" "),
          });
          return { kind: "unavailable" };
        }
        return {
          kind: "resolved",
          licenseArn: LicenseArn,
          productCode: ProductCode,
          buyerAccountId: CustomerAWSAccountId,
        };
      } catch (error) {
        return outcomeOf(error, log);
      }
    },
  };
}

function outcomeOf(error: unknown, log: CoreLog) {
  if (error instanceof ExpiredTokenException) return { kind: "expired-token" } as const;
  if (error instanceof InvalidTokenException) return { kind: "invalid-token" } as const;
  const name = error instanceof Error ? error.name : "unknown";
  const isAwsAtWork =
    error instanceof ThrottlingException || error instanceof InternalServiceErrorException;
  log(isAwsAtWork ? "info" : "error", "ResolveCustomer did not answer", { error: name });
  return { kind: "unavailable" } as const;
}
