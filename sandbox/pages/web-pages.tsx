import { Hono } from "hono";
import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { csrf } from "hono/csrf";
import type { SandboxBuyer, SandboxProduct } from "../create-sandbox.ts";
import { TOKEN_LIFETIME_MS } from "../marketplace/limits.ts";
import type { MarketplacePart } from "../marketplace/marketplace-part.ts";
import type { SandboxContext } from "../sandbox.ts";
import { billedMonths, invoicesOf } from "../marketplace/invoices.ts";
import { acceptanceProblem } from "../marketplace/offers.ts";
import type { Offer } from "../marketplace/offers.ts";
import type { Agreement } from "../marketplace/state.ts";
import { entitlementRoutes } from "./entitlement-routes.tsx";
import { Home } from "./home.tsx";
import { Invoices } from "./invoices.tsx";
import type { LayoutProps } from "./layout.tsx";
import { Listing } from "./listing.tsx";
import { Subscribed, Subscriptions } from "./subscriptions.tsx";
import type { ShownAgreement } from "./subscriptions.tsx";

export interface PagesDeps {
  readonly context: SandboxContext;
  readonly marketplacePart: MarketplacePart;
  readonly products: readonly SandboxProduct[];
  readonly buyers: readonly SandboxBuyer[];
}

/** Which account the browser is signed in as; the console's pages read it, too. */
export const ACCOUNT_COOKIE = "sandbox-account";

/** A page shows the same token when it is reloaded, and a new one when the buyer comes back. */
const SAME_TOKEN_MS = 5 * 60 * 1000;
const HOUR_MS = 3_600_000;
const OWN_PATHS = /^\/(?:$|clock$|account$|marketplace\/)/;

/** The buyer's side of AWS Marketplace, server-rendered. */
export function webPages(deps: PagesDeps) {
  const app = new Hono();
  // Another site must not subscribe in the person's name.
  app.use(csrf());
  app.use(async (c, next) => {
    await next();
    c.header("cache-control", "no-store");
    c.header("content-security-policy", contentSecurityPolicy(deps.products));
  });
  homeRoutes(app, deps);
  entitlementRoutes(app, {
    marketplacePart: deps.marketplacePart,
    frame: (c, title) => frame(deps, c, title),
    shown(c) {
      const agreement = ownAgreement(deps, c);
      return agreement && shownAgreement(deps, agreement.agreementId);
    },
  });
  marketplaceRoutes(app, deps);
  return async (request: Request): Promise<Response | undefined> =>
    OWN_PATHS.test(new URL(request.url).pathname) ? app.fetch(request) : undefined;
}

function homeRoutes(app: Hono, deps: PagesDeps): void {
  const { context, products, buyers } = deps;
  app.get("/", (c) =>
    c.html(<Home {...frame(deps, c, "Start")} origin={context.origin()} products={products} />),
  );
  app.post("/clock", async (c) => {
    const { hours } = await c.req.parseBody();
    const step = Number(hours);
    if (!Number.isInteger(step) || step < 1 || step > 24 * 366) {
      return c.text("Choose a number of hours between 1 and 8784.", 400);
    }
    context.clock.advanceTo(context.clock.now() + step * HOUR_MS);
    context.changed();
    return c.redirect("/", 303);
  });
  app.post("/account", async (c) => {
    const { accountId, back } = await c.req.parseBody();
    const chosen = buyers.find((buyer) => buyer.accountId === accountId);
    if (chosen === undefined) return c.text("The sandbox has no such account.", 400);
    setCookie(c, ACCOUNT_COOKIE, chosen.accountId, { path: "/", sameSite: "Lax" });
    // Only a path of our own: `//host` would lead elsewhere.
    const local = typeof back === "string" && /^\/(?![/\\])/.test(back);
    return c.redirect(local ? back : "/", 303);
  });
}

function marketplaceRoutes(app: Hono, deps: PagesDeps): void {
  const { products, marketplacePart } = deps;
  const { marketplace } = marketplacePart;
  const own = (c: Context) => ownAgreements(deps, c);

  app.get("/marketplace/subscriptions", (c) => {
    const all = own(c).map((agreement) => shownAgreement(deps, agreement.agreementId));
    return c.html(
      <Subscriptions {...frame(deps, c, "Manage subscriptions")} all={all.toReversed()} />,
    );
  });
  app.get("/marketplace/agreements/:agreementId", (c) => {
    const agreement = ownAgreement(deps, c);
    if (agreement === undefined) return c.text("This account has no such agreement.", 404);
    const shown = shownAgreement(deps, agreement.agreementId);
    return c.html(<Subscribed {...frame(deps, c, "Subscribed")} shown={shown} />);
  });
  app.get("/marketplace/invoices", (c) => {
    const { state } = marketplacePart;
    const now = deps.context.clock.now();
    const { accountId } = accountOf(deps, c);
    const all = billedMonths(state)
      .reverse()
      .flatMap((month) => invoicesOf(state, month, now))
      .filter(({ buyerAccountId }) => buyerAccountId === accountId);
    return c.html(<Invoices {...frame(deps, c, "Invoices")} invoices={all} />);
  });
  app.post("/marketplace/agreements/:agreementId/cancel", (c) => {
    const agreement = ownAgreement(deps, c);
    if (agreement === undefined) return c.text("This account has no such agreement.", 404);
    if (agreement.status === "ACTIVE") marketplace.cancel(agreement.agreementId);
    return c.redirect("/marketplace/subscriptions", 303);
  });
  app.get("/marketplace/:productId", (c) => {
    const product = products.find(({ productId }) => productId === c.req.param("productId"));
    if (product === undefined) return c.text("The sandbox has no such listing.", 404);
    const agreements = own(c).filter(
      ({ productCode, status }) => productCode === product.productCode && status === "ACTIVE",
    );
    return c.html(
      <Listing
        {...frame(deps, c, product.title)}
        product={product}
        agreements={agreements.length}
        offers={offersFor(deps, c, product.productCode)}
      />,
    );
  });
  app.post("/marketplace/:productId/subscribe", async (c) => {
    const product = products.find(({ productId }) => productId === c.req.param("productId"));
    if (product === undefined) return c.text("The sandbox has no such listing.", 404);
    const { offerId } = await c.req.parseBody();
    const { agreementId } = marketplace.subscribe({
      buyerAccountId: accountOf(deps, c).accountId,
      productCode: product.productCode,
      ...(typeof offerId === "string" ? { offerId } : {}),
    });
    return c.redirect(`/marketplace/agreements/${agreementId}`, 303);
  });
}

function ownAgreements(deps: PagesDeps, c: Context): readonly Agreement[] {
  const { accountId } = accountOf(deps, c);
  const { agreements } = deps.marketplacePart.state;
  return Object.values(agreements).filter((one) => one.buyerAccountId === accountId);
}

const ownAgreement = (deps: PagesDeps, c: Context): Agreement | undefined =>
  ownAgreements(deps, c).find(({ agreementId }) => agreementId === c.req.param("agreementId"));

/** Offers that the account may still accept. */
function offersFor(deps: PagesDeps, c: Context, productCode: string): readonly Offer[] {
  const { state } = deps.marketplacePart;
  const { accountId: buyerAccountId } = accountOf(deps, c);
  return Object.values(state.offers).filter(
    (offer) =>
      offer.productCode === productCode &&
      acceptanceProblem(state, offer, { productCode, buyerAccountId }) === undefined,
  );
}

function frame(deps: PagesDeps, c: Context, title: string): LayoutProps {
  return {
    title,
    now: deps.context.clock.now(),
    buyers: deps.buyers,
    account: accountOf(deps, c),
    path: c.req.path,
  };
}

function accountOf({ buyers }: PagesDeps, c: Context): SandboxBuyer {
  const chosen = getCookie(c, ACCOUNT_COOKIE);
  const account = buyers.find(({ accountId }) => accountId === chosen) ?? buyers[0];
  if (account === undefined) throw new Error("the sandbox was started without a buyer");
  return account;
}

function shownAgreement(deps: PagesDeps, agreementId: string): ShownAgreement {
  const { state } = deps.marketplacePart;
  const agreement = state.agreements[agreementId];
  const license = agreement && state.licenses[agreement.licenseArn];
  const product = deps.products.find(({ productCode }) => productCode === agreement?.productCode);
  if (agreement === undefined || license === undefined || product === undefined) {
    throw new Error(`agreement ${agreementId} has lost its license or product`);
  }
  return {
    agreement,
    license,
    product,
    fulfillmentUrl: fulfillmentUrlOf(product),
    registrationToken: tokenOf(deps, agreementId, license.licenseArn),
  };
}

function tokenOf(deps: PagesDeps, agreementId: string, licenseArn: string): string {
  const { marketplacePart, context } = deps;
  const { state, marketplace } = marketplacePart;
  const freshUntil = context.clock.now() + TOKEN_LIFETIME_MS - SAME_TOKEN_MS;
  const known = Object.entries(state.tokens).find(
    ([, token]) => token.licenseArn === licenseArn && token.expiresAt > freshUntil,
  );
  return known?.[0] ?? marketplace.registrationToken(agreementId);
}

const fulfillmentUrlOf = ({ fulfillmentUrl }: SandboxProduct): string =>
  typeof fulfillmentUrl === "string" ? fulfillmentUrl : fulfillmentUrl();

/** Forms may also go to the sellers' sites: that is how a buyer gets there. */
function contentSecurityPolicy(products: readonly SandboxProduct[]): string {
  const sites = new Set(products.map((product) => new URL(fulfillmentUrlOf(product)).origin));
  return [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    "img-src data:",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    `form-action 'self' ${[...sites].join(" ")}`,
  ].join("; ");
}
