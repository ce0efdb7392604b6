import { type License, licenseIdOf } from "../metering/domain/license.ts";
import type { CoreDeps } from "./core-deps.ts";
import { fullerArn } from "./domain/license-lifecycle.ts";
import type { SiteUseCases } from "./ports.ts";
import { meteredAs } from "./metered-as.ts";
import { openSession } from "./sessions.ts";

type RegisterDeps = Pick<
  CoreDeps,
  "clock" | "licenses" | "marketplace" | "product" | "siteStore" | "randomBytes" | "log"
>;

/** Longer than any token seen; a longer text is not worth a call. */
const LONGEST_TOKEN = 8192;

/**
 * The fulfillment POST. Resolves at once and keeps what AWS answered, never the token; may come
 * before or after License Updated, again and again, and be left half-way (protocol-facts A1, A2).
 *
 * The free-trial field is a hint from the browser and decides nothing.
 */
export async function register(
  deps: RegisterDeps,
  input: Parameters<SiteUseCases["register"]>[0],
): ReturnType<SiteUseCases["register"]> {
  const token = input.registrationToken?.trim() ?? "";
  if (token === "") return { kind: "missing-token" };
  if (token.length > LONGEST_TOKEN) return { kind: "invalid-token" };
  const resolution = await deps.marketplace.resolve(token);
  if (resolution.kind !== "resolved") {
    deps.log("info", "a registration was not resolved", { outcome: resolution.kind });
    return resolution;
  }
  const { licenseArn, productCode, buyerAccountId } = resolution;
  if (productCode !== deps.product.listing.productCode) {
    deps.log("error", "a registration for another product arrived", { productCode });
    return { kind: "other-product", productCode };
  }
  const license = await upsert(deps, { licenseArn, productCode, buyerAccountId });
  deps.log("info", "a buyer registered", { licenseId: license.licenseId });
  return { kind: "registered", session: await openSession(deps, license), license };
}

async function upsert(
  { licenses, product }: RegisterDeps,
  resolved: Pick<License, "licenseArn" | "productCode" | "buyerAccountId">,
): Promise<License> {
  const licenseId = licenseIdOf(resolved.licenseArn);
  const stored = await licenses.update(licenseId, (known) => {
    if (known === undefined) {
      return { ...resolved, licenseId, ...meteredAs(product) };
    }
    // The account is part of AWS's de-duplication: a second one would bill twice.
    if (known.buyerAccountId !== resolved.buyerAccountId) {
      throw new Error(`AWS named two buyer accounts for license ${licenseId}`);
    }
    const licenseArn = fullerArn(known.licenseArn, resolved.licenseArn);
    return licenseArn === known.licenseArn ? known : { ...known, licenseArn };
  });
  if (stored === undefined) throw new Error(`license ${licenseId} was not stored`);
  return stored;
}
