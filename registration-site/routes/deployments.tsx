import { Hono } from "hono";
import type { Statement } from "../../metering/domain/statement.ts";
import type { Session } from "../ports.ts";
import { DeploymentPage } from "../views/deployment-page.tsx";
import { DeploymentsPage } from "../views/deployments-page.tsx";
import { chromeFor, htmlPage, refusalPage } from "./answers.tsx";
import { requireOwnForm, requireSession } from "./guards.ts";
import { refreshEvery } from "./setup.tsx";
import { sessionOf, type SiteContext, type SiteDeps, type SiteEnv } from "./site-deps.ts";

export function deploymentRoutes(deps: SiteDeps): Hono<SiteEnv> {
  const app = new Hono<SiteEnv>();
  app.get("/deployments", requireSession(deps), async (c) => {
    const { deployments } = await deps.useCases.overview(sessionOf(c));
    return htmlPage(c, <DeploymentsPage chrome={chromeFor(c, deps)} deployments={deployments} />);
  });
  app.get("/deployments/:id", requireSession(deps), (c) =>
    deploymentPage(c, deps, c.req.param("id")),
  );
  app.post("/deployments/:id/decision", requireOwnForm(deps), async (c) => {
    const decision = c.get("form").get("decision");
    if (decision !== "confirm" && decision !== "reject") return refusalPage(c, deps, "bad-choice");
    const id = c.req.param("id");
    // "unknown" also means decided otherwise in the meantime; the page shows which of the two it is.
    await deps.useCases.confirmDeployment(sessionOf(c), id, decision);
    return c.redirect(`/deployments/${encodeURIComponent(id)}`, 303);
  });
  return app;
}

async function deploymentPage(c: SiteContext, deps: SiteDeps, id: string): Promise<Response> {
  const session = sessionOf(c);
  const { license, deployments } = await deps.useCases.overview(session);
  const overview = deployments.find(({ deployment }) => deployment.deploymentId === id);
  if (overview === undefined) return refusalPage(c, deps, "unknown-deployment");
  const statement = await newestCharged(deps, session);
  const watching = c.req.query("watch") !== undefined && overview.deployment.state !== "ended";
  if (watching) refreshEvery(c, 10);
  return htmlPage(
    c,
    <DeploymentPage
      chrome={chromeFor(c, deps)}
      license={license}
      overview={overview}
      template={deps.template()}
      newest={statement && { month: statement.month, ...statement.totals }}
      watching={watching}
    />,
  );
}

/** A month that has just begun has nothing charged yet; the one before it is what a buyer looks for. */
async function newestCharged(deps: SiteDeps, session: Session): Promise<Statement | undefined> {
  for (const month of await deps.useCases.statementMonths(session)) {
    const statement = await deps.useCases.statement(session, month);
    if (statement !== undefined && statement.totals.acceptedUnits > 0) return statement;
  }
  return undefined;
}
