import type { MiddlewareHandler } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { CookieOptions } from "hono/utils/cookie";
import type { SessionToken } from "../ports.ts";
import type { SiteContext, SiteDeps, SiteEnv } from "./site-deps.ts";

type CookieDeps = Pick<SiteDeps, "secureCookies">;

/** `__Host-` makes the browser insist on Secure, Path=/ and no Domain; it needs https. */
export const sessionCookieName = (deps: CookieDeps) =>
  deps.secureCookies ? "__Host-session" : "session";

/** Lax, not Strict: the buyer arrives by a navigation that started at AWS Marketplace. */
const attributes = (deps: CookieDeps): CookieOptions => ({
  path: "/",
  httpOnly: true,
  sameSite: "Lax",
  secure: deps.secureCookies,
});

/** No expiry of its own: the server's session decides, the browser forgets when it closes. */
export function rememberSession(c: SiteContext, deps: CookieDeps, token: SessionToken): void {
  setCookie(c, sessionCookieName(deps), token, attributes(deps));
}

export function forgetSession(c: SiteContext, deps: CookieDeps): void {
  deleteCookie(c, sessionCookieName(deps), attributes(deps));
}

export const sessionToken = (c: SiteContext, deps: CookieDeps): SessionToken | undefined =>
  getCookie(c, sessionCookieName(deps));

/** Looks up who is visiting; a page that needs a session says so with `requireSession`. */
export const loadSession =
  (deps: Pick<SiteDeps, "useCases" | "secureCookies">): MiddlewareHandler<SiteEnv> =>
  async (c, next) => {
    const token = sessionToken(c, deps);
    c.set("session", token === undefined ? undefined : await deps.useCases.session(token));
    await next();
  };

/** An address typed before registration, kept in this browser only, to prefill the form later. */
const emailCookieName = (deps: CookieDeps) => (deps.secureCookies ? "__Host-email" : "email");

export function rememberEmail(c: SiteContext, deps: CookieDeps, email: string): void {
  setCookie(c, emailCookieName(deps), email, { ...attributes(deps), maxAge: 24 * 60 * 60 });
}

export const rememberedEmail = (c: SiteContext, deps: CookieDeps): string | undefined =>
  getCookie(c, emailCookieName(deps));

export function forgetEmail(c: SiteContext, deps: CookieDeps): void {
  deleteCookie(c, emailCookieName(deps), attributes(deps));
}
