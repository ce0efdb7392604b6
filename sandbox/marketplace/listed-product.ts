import type { SandboxDimension, SandboxProduct } from "../create-sandbox.ts";
import { addOffer, changePrice } from "./offers.ts";
import { addProduct } from "./state.ts";
import type { MarketplaceState } from "./state.ts";

/**
 * Lists a product as it is offered from now on. Rates that were listed stay those of the usage so
 * far: a rate that differs from the last one is a change of price, for existing agreements too.
 */
export function offerProduct(
  state: MarketplaceState,
  { dimensions, offers = [], ...listed }: SandboxProduct,
  now: number,
): void {
  const { productCode } = listed;
  const known = state.products.find((one) => one.productCode === productCode);
  const listedPricesUsd = Object.fromEntries(
    dimensions.map(({ name, unitPriceUsd }) => [name, unitPriceUsd] as const),
  );
  addProduct(state, {
    ...listed,
    dimensions: dimensions.map(({ name }) => name),
    unitPricesUsd: { ...listedPricesUsd, ...known?.unitPricesUsd },
    listedPricesUsd,
  });
  for (const dimension of dimensions) {
    const last = known?.listedPricesUsd?.[dimension.name];
    if (last !== undefined && last !== dimension.unitPriceUsd) {
      change(state, productCode, dimension.name, { ...dimension, from: now });
    }
    addAnnounced(state, productCode, dimension);
  }
  for (const offer of offers) addOffer(state, { ...offer, productCode });
}

/** Changes that the listing announces, each once however often the sandbox starts. */
function addAnnounced(
  state: MarketplaceState,
  productCode: string,
  { name, priceChanges = [] }: SandboxDimension,
): void {
  for (const announced of priceChanges) {
    const isKnown = state.priceChanges.some(
      (one) =>
        one.productCode === productCode &&
        one.dimension === name &&
        one.from === announced.from &&
        one.unitPriceUsd === announced.unitPriceUsd,
    );
    if (!isKnown) change(state, productCode, name, announced);
  }
}

const change = (
  state: MarketplaceState,
  productCode: string,
  dimension: string,
  { unitPriceUsd, from }: { readonly unitPriceUsd: string; readonly from: number },
) =>
  changePrice(state, { productCode, dimension, unitPriceUsd, from, existingAgreements: "change" });
