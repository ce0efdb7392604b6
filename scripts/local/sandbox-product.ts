import type { Product } from "../../product/definition.ts";
import type { SandboxProduct } from "../../sandbox/create-sandbox.ts";

/** The seller's product as the sandbox's marketplace lists it. */
export function sandboxProduct(
  { listing, title, seller }: Product,
  fulfillmentUrl: string,
): SandboxProduct {
  return {
    productCode: listing.productCode,
    productId: listing.productId,
    title,
    sellerAccountId: seller.accountId,
    dimensions: listing.dimensions.map(({ name, description, unitPrice, priceChanges = [] }) => ({
      name,
      description,
      unitPriceUsd: unitPrice,
      priceChanges: priceChanges.map((change) => ({
        from: Date.parse(change.from),
        unitPriceUsd: change.unitPrice,
      })),
    })),
    offers: (listing.offers ?? []).map(({ offerId, unitPrices, freeTrialDays }) => ({
      offerId,
      ...(unitPrices === undefined ? {} : { unitPricesUsd: unitPrices }),
      ...(freeTrialDays === undefined ? {} : { freeTrialDays }),
    })),
    fulfillmentUrl,
  };
}
