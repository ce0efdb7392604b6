import { Hono } from "hono";
import type { Plan } from "../../metering/domain/charges.ts";
import { LaunchPage, WaitingPage } from "../views/launch-page.tsx";
import { SetupPage } from "../views/setup-page.tsx";
import { chromeFor, htmlPage, refusalPage } from "./answers.tsx";
import { requireOwnForm, requireSession } from "./guards.ts";
import * as cookies from "./session-cookie.ts";
import { sessionOf, type SiteContext, type SiteDeps, type SiteEnv } from "./site-deps.ts";

/** Reloads by header, only where the buyer asked for it: no script, and easy to stop. */
export function refreshEvery(c: SiteContext, seconds: number): void {
  c.header("refresh", String(seconds));
}

export function setupRoutes(deps: SiteDeps): Hono<SiteEnv> {
  const app = new Hono<SiteEnv>();
  app.get("/setup", requireSession(deps), (c) =>
    setup(c, deps, { emailNotice: c.req.query("contact") === "saved" ? "saved" : undefined }),
  );
  app.post("/setup/contact", requireOwnForm(deps), async (c) => {
    const email = c.get("form").get("email")?.trim() ?? "";
    const { kind } = await deps.useCases.saveContact(sessionOf(c), email);
    if (kind === "bad-email") return setup(c, deps, { email, emailNotice: "bad" });
    cookies.forgetEmail(c, deps);
    return c.redirect("/setup?contact=saved#contact", 303);
  });
  app.post("/setup/launch", requireOwnForm(deps), (c) => launch(c, deps));
  // Reached by a reload of the launch page after the session ended, or by hand.
  app.get("/setup/launch", (c) => c.redirect("/setup#launch", 303));
  app.get("/setup/waiting", requireSession(deps), (c) => waiting(c, deps));
  return app;
}

async function setup(
  c: SiteContext,
  deps: SiteDeps,
  form: { email?: string; emailNotice?: "saved" | "bad" | undefined },
): Promise<Response> {
  const session = sessionOf(c);
  const [overview, stored] = await Promise.all([
    deps.useCases.overview(session),
    deps.useCases.contactEmail(session.licenseId),
  ]);
  if (c.req.query("watch") !== undefined && overview.status === "waiting-for-aws") {
    refreshEvery(c, 10);
  }
  return htmlPage(
    c,
    <SetupPage
      chrome={chromeFor(c, deps)}
      overview={overview}
      template={deps.template()}
      email={form.email ?? stored ?? cookies.rememberedEmail(c, deps)}
      emailNotice={form.emailNotice}
      now={deps.clock.now()}
    />,
    form.emailNotice === "bad" ? 400 : 200,
  );
}

async function launch(c: SiteContext, deps: SiteDeps): Promise<Response> {
  const session = sessionOf(c);
  const template = deps.template();
  const choice = readChoice(c.get("form"), deps, template);
  if (choice === undefined) return refusalPage(c, deps, "bad-choice");
  const { status } = await deps.useCases.overview(session);
  switch (status) {
    case "waiting-for-aws":
      return c.redirect("/setup", 303);
    case "ending":
    case "ended":
      return refusalPage(c, deps, "license-ended");
    case "active":
      break;
  }
  const plan = await settlePlan(deps, session, choice.plan);
  if (plan === undefined) return refusalPage(c, deps, "bad-choice");
  const code = await deps.useCases.issueInstallCode(session);
  const { region, size } = choice;
  return htmlPage(
    c,
    <LaunchPage
      chrome={chromeFor(c, deps)}
      template={template}
      plan={plan}
      region={region}
      size={size}
      code={code}
      launchUrl={deps.launchUrl({ region, size, code })}
      waitingUrl={`/setup/waiting?since=${deps.clock.now()}`}
    />,
  );
}

/** Undefined when the form holds anything that the page did not offer. */
function readChoice(
  form: URLSearchParams,
  deps: SiteDeps,
  { regions, sizes }: { regions: readonly string[]; sizes: readonly string[] },
) {
  const plan = deps.product.plans.find(({ id }) => id === form.get("plan"));
  const region = regions.find((name) => name === form.get("region"));
  const size = sizes.find((name) => name === form.get("size"));
  if (plan === undefined || region === undefined || size === undefined) return undefined;
  return { plan, region, size };
}

/** The plan that counts: the chosen one, or the one that earlier stacks have fixed. */
async function settlePlan(
  deps: SiteDeps,
  session: ReturnType<typeof sessionOf>,
  chosen: Plan,
): Promise<Plan | undefined> {
  const outcome = await deps.useCases.choosePlan(session, chosen.id);
  switch (outcome.kind) {
    case "chosen":
      return chosen;
    case "fixed":
      return deps.product.plans.find(({ id }) => id === outcome.planId);
    case "unknown-plan":
      return undefined;
  }
}

/** Moves on to the first deployment that was registered after the launch. */
async function waiting(c: SiteContext, deps: SiteDeps): Promise<Response> {
  const sinceText = c.req.query("since") ?? "";
  const since = /^\d{1,15}$/.test(sinceText) ? Number(sinceText) : 0;
  const { deployments } = await deps.useCases.overview(sessionOf(c));
  const arrived = deployments.find(({ deployment }) => deployment.registeredAt >= since);
  if (arrived !== undefined) {
    return c.redirect(`/deployments/${encodeURIComponent(arrived.deployment.deploymentId)}`, 303);
  }
  const watching = c.req.query("pause") === undefined;
  if (watching) refreshEvery(c, 5);
  const watchUrl = `/setup/waiting?since=${since}`;
  return htmlPage(
    c,
    <WaitingPage
      chrome={chromeFor(c, deps)}
      watching={watching}
      watchUrl={watchUrl}
      pauseUrl={`${watchUrl}&pause`}
    />,
  );
}
