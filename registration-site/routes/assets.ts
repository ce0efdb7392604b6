import { Hono } from "hono";
import { assets } from "../views/assets.ts";
import { SCHEMA_PATH, statementJsonSchema } from "../views/statement-schema.ts";
import type { SiteDeps, SiteEnv } from "./site-deps.ts";

/** What every visitor may have and any cache may keep. No session is looked up for these. */
export function assetRoutes(deps: Pick<SiteDeps, "origin">): Hono<SiteEnv> {
  const app = new Hono<SiteEnv>();
  for (const { path, contentType, body } of Object.values(assets)) {
    app.get(path, (c) =>
      c.body(body, 200, {
        "content-type": contentType,
        "cache-control": "public, max-age=31536000, immutable",
      }),
    );
  }
  const schema = JSON.stringify(statementJsonSchema(deps.origin + SCHEMA_PATH), null, 2);
  app.get(SCHEMA_PATH, (c) =>
    c.body(schema, 200, {
      "content-type": "application/schema+json",
      "cache-control": "public, max-age=3600",
      "access-control-allow-origin": "*",
    }),
  );
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  return app;
}
