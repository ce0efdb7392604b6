import { Hono } from "hono";
import { HomePage, TemplatePage } from "../views/home-page.tsx";
import { chromeFor, htmlPage, refusalPage } from "./answers.tsx";
import { readForm, requireOwnForm, requireOwnOrigin } from "./guards.ts";
import * as cookies from "./session-cookie.ts";
import type { SiteContext, SiteDeps, SiteEnv } from "./site-deps.ts";

const TOKEN_FIELD = "x-amzn-marketplace-token";
const OFFER_TYPE_FIELD = "x-amzn-marketplace-offer-type";

/** The address that the listing names: AWS's checker GETs it, buyers arrive by POST. */
export function homeRoutes(deps: SiteDeps): Hono<SiteEnv> {
  const app = new Hono<SiteEnv>();
  const home = (c: SiteContext, email?: string, emailNotice?: "kept" | "bad") =>
    htmlPage(
      c,
      <HomePage
        chrome={chromeFor(c, deps)}
        template={deps.template()}
        email={email ?? cookies.rememberedEmail(c, deps)}
        emailNotice={emailNotice}
      />,
      emailNotice === "bad" ? 400 : 200,
    );

  app.get("/", (c) => home(c, undefined, c.req.query("email") === "kept" ? "kept" : undefined));
  app.post("/", readForm(deps), (c) => fulfill(c, deps));

  app.get("/template", (c) =>
    htmlPage(c, <TemplatePage chrome={chromeFor(c, deps)} template={deps.template()} />),
  );

  // No CSRF token: there is no session to abuse, and all that happens is a cookie of the sender's.
  app.post("/email", requireOwnOrigin(deps), readForm(deps), (c) => {
    const email = c.get("form").get("email")?.trim() ?? "";
    if (!looksLikeEmail(email)) return home(c, email, "bad");
    cookies.rememberEmail(c, deps, email);
    return c.redirect("/?email=kept#start", 303);
  });

  app.post("/logout", requireOwnForm(deps), async (c) => {
    const token = cookies.sessionToken(c, deps);
    if (token !== undefined) await deps.useCases.endSession(token);
    cookies.forgetSession(c, deps);
    return c.redirect("/", 303);
  });
  return app;
}

/** A typing aid only: the use case that stores an address has the last word. */
const looksLikeEmail = (text: string) =>
  text.length <= 254 && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text);

/** The token goes to the use case and nowhere else: no address, cookie, log or page holds it. */
async function fulfill(c: SiteContext, deps: SiteDeps): Promise<Response> {
  const form = c.get("form");
  const outcome = await deps.useCases.register({
    registrationToken: form.get(TOKEN_FIELD) ?? undefined,
    freeTrialHint: form.get(OFFER_TYPE_FIELD) === "free-trial",
  });
  switch (outcome.kind) {
    case "registered":
      cookies.rememberSession(c, deps, outcome.session);
      // 303, so that the browser follows with GET and the token is not posted again.
      return c.redirect("/setup", 303);
    case "missing-token":
    case "expired-token":
    case "invalid-token":
    case "other-product":
    case "unavailable":
      return refusalPage(c, deps, outcome.kind);
  }
}
