import { timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { every } from "hono/combine";
import { secureHeaders } from "hono/secure-headers";
import { refusalPage } from "./answers.tsx";
import type { SiteContext, SiteDeps, SiteEnv } from "./site-deps.ts";

/** Form fields are short; AWS's registration token is the longest thing ever posted. */
const FORM_BODY_LIMIT_BYTES = 64 * 1024;

/**
 * Nothing inline, nothing from elsewhere: the pages need one stylesheet and one optional script.
 *
 * `same-origin` and not `no-referrer`: with the latter browsers send `Origin: null` with our own
 * forms, and the origin check could no longer tell them from a stranger's.
 */
export const securityHeaders = (deps: Pick<SiteDeps, "secureCookies">) =>
  secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      scriptSrc: ["'self'"],
      imgSrc: ["'self'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
    },
    referrerPolicy: "same-origin",
    xFrameOptions: "DENY",
    strictTransportSecurity: deps.secureCookies ? "max-age=63072000; includeSubDomains" : false,
    permissionsPolicy: { camera: [], microphone: [], geolocation: [], payment: [] },
  });

/** Pages are private unless a route says otherwise; no cache may keep them. */
export const neverCached: MiddlewareHandler<SiteEnv> = async (c, next) => {
  await next();
  if (!c.res.headers.has("cache-control")) c.header("cache-control", "private, no-store");
};

export const requireSession =
  (deps: SiteDeps): MiddlewareHandler<SiteEnv> =>
  async (c, next) => {
    if (c.get("session") === undefined) return refusalPage(c, deps, "signed-out");
    await next();
  };

const isUrlEncodedForm = (c: SiteContext) =>
  c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase() ===
  "application/x-www-form-urlencoded";

/** The body as form fields, or the refusal. No origin check: AWS posts the fulfillment form. */
const readFormSteps = (deps: SiteDeps): MiddlewareHandler<SiteEnv>[] => [
  async (c, next) => {
    if (!isUrlEncodedForm(c)) return refusalPage(c, deps, "not-a-form");
    await next();
  },
  bodyLimit({
    maxSize: FORM_BODY_LIMIT_BYTES,
    onError: (c) => refusalPage(c as SiteContext, deps, "too-large"),
  }),
  async (c, next) => {
    c.set("form", new URLSearchParams(await c.req.text()));
    await next();
  },
];

export const readForm = (deps: SiteDeps): MiddlewareHandler<SiteEnv> =>
  every(...readFormSteps(deps));

/**
 * For every form of our own. Browsers say where a form was sent from; one that is silent about
 * both headers is let through, because the CSRF token (where there is a session to abuse) decides.
 */
export const requireOwnOrigin =
  (deps: SiteDeps): MiddlewareHandler<SiteEnv> =>
  async (c, next) => {
    const origin = c.req.header("origin");
    const site = c.req.header("sec-fetch-site");
    const foreign =
      origin === undefined ? site !== undefined && site !== "same-origin" : origin !== deps.origin;
    if (foreign) return refusalPage(c, deps, "foreign-form");
    await next();
  };

const requireCsrfToken =
  (deps: SiteDeps): MiddlewareHandler<SiteEnv> =>
  async (c, next) => {
    const expected = c.get("session")?.csrfToken;
    const given = c.get("form").get("csrf");
    if (expected === undefined || given === null || !sameSecret(given, expected)) {
      return refusalPage(c, deps, "stale-form");
    }
    await next();
  };

function sameSecret(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** A form of a signed-in buyer: ours by origin, theirs by token. */
export const requireOwnForm = (deps: SiteDeps): MiddlewareHandler<SiteEnv> =>
  every(
    requireOwnOrigin(deps),
    requireSession(deps),
    ...readFormSteps(deps),
    requireCsrfToken(deps),
  );
