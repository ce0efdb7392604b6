import type {
  Entitlement,
  GetEntitlementsCommandInput,
  GetEntitlementsCommandOutput,
} from "@aws-sdk/client-marketplace-entitlement-service";
import type { GrantedEntitlement } from "../domain/entitlement-state.ts";
import { licenseIdOf } from "../domain/license.ts";
import { decimalText, parseDecimal } from "../domain/money.ts";
import type { EntitlementReading, EntitlementSource } from "../plan-ports.ts";

/** One call of GetEntitlements in us-east-1, its only region; the SDK may retry, reading is harmless. */
export type GetEntitlements = (
  input: GetEntitlementsCommandInput,
) => Promise<Pick<GetEntitlementsCommandOutput, "Entitlements" | "NextToken">>;

/** A bound against a listing that never ends: a license has some dimensions, and 25 fill a page. */
const MOST_PAGES = 100;

/** The only file that speaks GetEntitlements (protocol-facts A5). */
export function awsEntitlements(getEntitlements: GetEntitlements): EntitlementSource {
  return {
    async read({ licenseArn, licenseId, productCode }) {
      const granted: GrantedEntitlement[] = [];
      const Filter = { LICENSE_ARN: [licenseArn] };
      let NextToken: string | undefined;
      // A page may be empty and still not be the last.
      for (let page = 1; page <= MOST_PAGES; page += 1) {
        let answer: Awaited<ReturnType<GetEntitlements>>;
        try {
          answer = await getEntitlements({ ProductCode: productCode, Filter, NextToken });
        } catch (error) {
          return unreadable(error as Error);
        }
        for (const entitlement of answer.Entitlements ?? []) {
          if (isOf(licenseId, entitlement)) granted.push(fromEntitlement(entitlement));
        }
        NextToken = answer.NextToken;
        if (!NextToken) return { kind: "read", granted };
      }
      const message = `GetEntitlements did not come to an end in ${MOST_PAGES} pages. It is asked again soon.`;
      return { kind: "unreadable", message };
    },
  };
}

/** Another license's entitlement would make units free that this one has to pay for. */
function isOf(licenseId: string, { LicenseArn }: Entitlement): boolean {
  return LicenseArn === undefined || licenseIdOf(LicenseArn) === licenseId;
}

function fromEntitlement({ Dimension, Value, ExpirationDate }: Entitlement): GrantedEntitlement {
  if (Dimension === undefined) throw new Error("GetEntitlements named no dimension");
  return { dimension: Dimension, units: unitsOf(Value), expiresAt: ExpirationDate?.getTime() };
}

/** A Boolean or a text entitles without a number; `false` to nothing. */
function unitsOf(value: Entitlement["Value"]): string | undefined {
  const { IntegerValue, DoubleValue, BooleanValue } = value ?? {};
  const number = IntegerValue ?? DoubleValue;
  if (number === undefined) return BooleanValue === false ? "0" : undefined;
  if (!Number.isFinite(number)) return undefined;
  // The shortest text that means this number; it came as a decimal and is one again.
  return number < 0 ? "0" : decimalText(parseDecimal(String(number)));
}

const REASONS: Readonly<Record<string, string>> = {
  AccessDeniedException:
    "The seller's role may not call aws-marketplace:GetEntitlements: allow it for the account that published the listing.",
  InvalidParameterException:
    "AWS refuses the product code or the license for GetEntitlements: the listing must be a contract, called from the account that published it.",
};

function unreadable({ name }: Error): EntitlementReading {
  const message =
    REASONS[name] ?? `GetEntitlements did not answer (${name}). It is asked again soon.`;
  return {
    kind: "unreadable",
    message: `${message} What was known stays included; nothing more is taken for overage until it can be read.`,
  };
}
