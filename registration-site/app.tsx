import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import { refusalPage } from "./routes/answers.tsx";
import { assetRoutes } from "./routes/assets.ts";
import { callbackFailure, callbackRoutes } from "./routes/callback.ts";
import { deploymentRoutes } from "./routes/deployments.tsx";
import { neverCached, securityHeaders } from "./routes/guards.ts";
import { homeRoutes } from "./routes/home.tsx";
import { planRoutes } from "./routes/plan.tsx";
import { loadSession } from "./routes/session-cookie.ts";
import { setupRoutes } from "./routes/setup.tsx";
import type { SiteDeps, SiteEnv } from "./routes/site-deps.ts";
import { statementRoutes } from "./routes/statements.tsx";
import { usageRoutes } from "./routes/usage.ts";

export type { SiteDeps, SiteLog } from "./routes/site-deps.ts";

/**
 * The registration site. Routes parse, ask a use case, and render every case of its answer.
 *
 * Everything works without client JavaScript; pages are private and uncached unless they say so.
 */
export function createApp(deps: SiteDeps): Hono<SiteEnv> {
  const app = new Hono<SiteEnv>();
  app.use(securityHeaders(deps));
  app.use(neverCached);
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => {
        c.header("allow", methods.join(", "));
        return refusalPage(c, deps, "wrong-method");
      },
    }),
  );
  // None of these has a session to look up.
  app.route("/", assetRoutes(deps));
  app.route("/", callbackRoutes(deps));
  if (deps.usage !== undefined) app.route("/", usageRoutes(deps.usage, deps));

  app.use(loadSession(deps));
  app.route("/", homeRoutes(deps));
  app.route("/", setupRoutes(deps));
  app.route("/", planRoutes(deps));
  app.route("/", deploymentRoutes(deps));
  app.route("/", statementRoutes(deps));

  app.notFound((c) => refusalPage(c, deps, "not-found"));
  app.onError((error, c) => {
    // The reference joins what the visitor can tell support and what only the log may say.
    const reference = randomUUID();
    deps.log("error", "request failed", {
      reference,
      method: c.req.method,
      route: c.req.path.split("/").slice(0, 2).join("/"),
      error: error.stack ?? String(error),
    });
    if (c.req.path === "/callback") return c.json(callbackFailure, 500);
    return refusalPage(c, deps, "failure", reference);
  });
  return app;
}
