import { Hono } from "hono";
import { PlanPage, type PlanPageProps } from "../views/plan-page.tsx";
import { chromeFor, htmlPage, refusalPage } from "./answers.tsx";
import { requireOwnForm, requireSession } from "./guards.ts";
import { sessionOf, type SiteContext, type SiteDeps, type SiteEnv } from "./site-deps.ts";

/** The plan that counts, the one that is coming, and the form that changes it. */
export function planRoutes(deps: SiteDeps): Hono<SiteEnv> {
  const app = new Hono<SiteEnv>();
  app.get("/plan", requireSession(deps), (c) =>
    plan(c, deps, c.req.query("changed") === undefined ? undefined : "changed"),
  );
  app.post("/plan", requireOwnForm(deps), async (c) => {
    const planId = c.get("form").get("plan") ?? "";
    const outcome = await deps.useCases.changePlan(sessionOf(c), planId);
    switch (outcome.kind) {
      case "changed":
        return c.redirect("/plan?changed", 303);
      case "unknown-plan":
        return refusalPage(c, deps, "bad-choice");
      case "ended":
        return refusalPage(c, deps, "license-ended");
      case "hosted-elsewhere":
      case "cost-taken":
        return plan(c, deps, outcome);
    }
  });
  return app;
}

async function plan(
  c: SiteContext,
  deps: SiteDeps,
  outcome: PlanPageProps["outcome"],
): Promise<Response> {
  const overview = await deps.useCases.overview(sessionOf(c));
  return htmlPage(
    c,
    <PlanPage
      chrome={chromeFor(c, deps)}
      overview={overview}
      now={deps.clock.now()}
      {...(outcome === undefined ? {} : { outcome })}
    />,
    outcome === undefined || outcome === "changed" ? 200 : 409,
  );
}
