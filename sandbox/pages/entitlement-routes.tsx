import type { Context, Hono } from "hono";
import { ENTITLEMENT_TYPES, valueFrom } from "../marketplace/entitlement-values.ts";
import type { MarketplacePart } from "../marketplace/marketplace-part.ts";
import type { Entitlement } from "../marketplace/state.ts";
import { Entitlements } from "./entitlements.tsx";
import type { LayoutProps } from "./layout.tsx";
import type { ShownAgreement } from "./subscriptions.tsx";

export interface EntitlementRoutesDeps {
  readonly marketplacePart: MarketplacePart;
  readonly frame: (c: Context, title: string) => LayoutProps;
  /** The agreement of the path, if the account that is signed in has it. */
  readonly shown: (c: Context) => ShownAgreement | undefined;
}

const PATH = "/marketplace/agreements/:agreementId/entitlements";
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Pages on which a person sets what a contract grants. */
export function entitlementRoutes(app: Hono, deps: EntitlementRoutesDeps): void {
  const { marketplacePart, frame, shown } = deps;
  const page = (c: Context, problem?: string) => {
    const agreement = shown(c);
    if (agreement === undefined) return c.text("This account has no such agreement.", 404);
    const html = <Entitlements {...frame(c, "Entitlements")} shown={agreement} problem={problem} />;
    return c.html(html, problem === undefined ? 200 : 422);
  };
  /** Replaces the entitlements and shows the page again, with the reason when it is refused. */
  const change = (c: Context, next: (now: readonly Entitlement[]) => readonly Entitlement[]) => {
    const agreement = shown(c);
    if (agreement === undefined) return c.text("This account has no such agreement.", 404);
    const { licenseArn, entitlements } = agreement.license;
    try {
      marketplacePart.marketplace.setEntitlements(licenseArn, next(entitlements));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return page(c, `Not saved. ${error.message}.`);
    }
    return c.redirect(c.req.path.replace(/\/remove$/, ""), 303);
  };

  app.get(PATH, (c) => page(c));
  app.post(PATH, async (c) => {
    const fields = await c.req.parseBody();
    return change(c, (now) => {
      const wanted = fromForm(fields);
      return [...now.filter(({ dimension }) => dimension !== wanted.dimension), wanted];
    });
  });
  app.post(`${PATH}/remove`, async (c) => {
    const { dimension: gone } = await c.req.parseBody();
    return change(c, (now) => now.filter(({ dimension }) => dimension !== gone));
  });
}

function fromForm(fields: Record<string, unknown>): Entitlement {
  const text = (name: string): string => {
    const value = fields[name];
    return typeof value === "string" ? value : "";
  };
  const type = ENTITLEMENT_TYPES.find((one) => one === text("type"));
  if (type === undefined) throw new RangeError("choose a type");
  if (text("dimension") === "") throw new RangeError("name a dimension");
  const expiresAt = DATE.test(text("expires")) ? Date.parse(`${text("expires")}T00:00:00Z`) : NaN;
  if (Number.isNaN(expiresAt)) throw new RangeError("say when it expires, as a date");
  return { dimension: text("dimension"), type, value: valueFrom(text("value"), type), expiresAt };
}
