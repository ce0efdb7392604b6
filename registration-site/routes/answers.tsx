import { html } from "hono/html";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Chrome } from "../views/chrome.tsx";
import { RefusalPage } from "../views/refusal-page.tsx";
import { refusals, type RefusalKind } from "../views/refusals.ts";
import type { SiteContext, SiteDeps } from "./site-deps.ts";

export const chromeFor = (c: SiteContext, deps: SiteDeps): Chrome => ({
  product: deps.product,
  marketplaceUrl: deps.marketplaceUrl,
  // Absent before the session was looked up, e.g. when that lookup is what failed.
  csrfToken: c.get("session")?.csrfToken,
});

export const htmlPage = (c: SiteContext, page: JSX.Element, status: ContentfulStatusCode = 200) =>
  c.html(html`<!doctype html>${page}`, status);

export function refusalPage(
  c: SiteContext,
  deps: SiteDeps,
  kind: RefusalKind,
  reference?: string,
): Response | Promise<Response> {
  const refusal = refusals[kind];
  if (refusal.status === 503) c.header("retry-after", "60");
  return htmlPage(
    c,
    <RefusalPage chrome={chromeFor(c, deps)} refusal={refusal} reference={reference} />,
    refusal.status,
  );
}
