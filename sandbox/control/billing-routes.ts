import type { Hono } from "hono";
import type { SandboxProduct } from "../create-sandbox.ts";
import { duplicateBilling } from "../marketplace/duplicate-billing.ts";
import { invoicesOf } from "../marketplace/invoices.ts";
import type { MarketplacePart } from "../marketplace/marketplace-part.ts";
import { SELLER_REPORTS, sellerReport } from "../marketplace/seller-reports.ts";
import type { SandboxContext } from "../sandbox.ts";
import { bodyOf, notFound, refusing } from "./answers.ts";
import * as schemas from "./request-schemas.ts";

export interface BillingRoutesDeps {
  readonly context: SandboxContext;
  readonly marketplacePart: MarketplacePart;
  readonly products: readonly SandboxProduct[];
}

/** What is sold at which price, and what AWS bills for it. */
export function billingRoutes(app: Hono, deps: BillingRoutesDeps): void {
  const { context, products } = deps;
  const { state, marketplace } = deps.marketplacePart;
  const firstProduct = products[0]?.productCode ?? "";

  app.get("/offers", (c) => c.json(Object.values(state.offers)));
  app.post("/offers", async (c) => {
    const { productCode = firstProduct, ...offer } = await bodyOf(c, schemas.newOffer);
    return c.json(
      refusing(422, () => marketplace.makeOffer({ ...offer, productCode })),
      201,
    );
  });
  app.get("/price-changes", (c) => c.json(state.priceChanges));
  app.post("/price-changes", async (c) => {
    const { productCode = firstProduct, ...change } = await bodyOf(c, schemas.priceChange);
    return c.json(
      refusing(422, () => marketplace.changePrice({ ...change, productCode })),
      201,
    );
  });
  app.get("/invoices", (c) => {
    const now = context.clock.now();
    const month = c.req.query("month") ?? new Date(now).toISOString().slice(0, 7);
    return c.json(refusing(400, () => invoicesOf(state, month, now)));
  });
  app.get("/reports/:report", (c) => {
    const report = SELLER_REPORTS.find((one) => one === c.req.param("report"));
    if (report === undefined) throw notFound("report", c.req.param("report"));
    const now = context.clock.now();
    const month = c.req.query("month") ?? "";
    const text = refusing(409, () => sellerReport(state, report, month, now));
    return c.body(text, 200, {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="${report}-${month}.csv"`,
    });
  });
  app.get("/duplicate-billing", (c) => c.json(duplicateBilling(state)));
}
