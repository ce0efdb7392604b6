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
    dimensions: listing.dimensions.map(({ name, description, unitPrice }) => ({
      name,
      description,
      unitPriceUsd: unitPrice,
    })),
    fulfillmentUrl,
  };
}
