import type { License } from "../metering/domain/license.ts";
import type { Product } from "../product/definition.ts";

/** How a license is metered from its first record on: a later config changes neither. */
export function meteredAs({
  listing,
  seller,
}: Pick<Product, "listing" | "seller">): Pick<License, "meteringRegion" | "legacy"> {
  return {
    meteringRegion: seller.meteringRegion,
    ...(listing.identifiedBy === "product-code" ? { legacy: {} } : {}),
  };
}
