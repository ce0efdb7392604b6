import { Hono } from "hono";
import type { Statement } from "../../metering/domain/statement.ts";
import { statementCsv } from "../views/statement-csv.ts";
import { StatementPage } from "../views/statement-page.tsx";
import { StatementFormatPage, statementFileName } from "../views/statement-notes.tsx";
import { SCHEMA_PATH, toStatementDocument } from "../views/statement-schema.ts";
import { StatementsPage } from "../views/statements-page.tsx";
import { chromeFor, htmlPage, refusalPage } from "./answers.tsx";
import { requireSession } from "./guards.ts";
import { sessionOf, type SiteContext, type SiteDeps, type SiteEnv } from "./site-deps.ts";

/** `2026-11`, `2026-11.csv`, `2026-11.json`; nothing else reaches the use case. */
const STATEMENT_NAME = /^(\d{4}-(?:0[1-9]|1[0-2]))(?:\.(csv|json))?$/;

export function statementRoutes(deps: SiteDeps): Hono<SiteEnv> {
  const app = new Hono<SiteEnv>();
  app.get("/statements", requireSession(deps), async (c) => {
    const months = await deps.useCases.statementMonths(sessionOf(c));
    return htmlPage(c, <StatementsPage chrome={chromeFor(c, deps)} months={months} />);
  });
  app.get("/statements/format", (c) =>
    htmlPage(c, <StatementFormatPage chrome={chromeFor(c, deps)} />),
  );
  app.get("/statements/:name", requireSession(deps), async (c) => {
    const [, month, extension] = STATEMENT_NAME.exec(c.req.param("name")) ?? [];
    const statement =
      month === undefined ? undefined : await deps.useCases.statement(sessionOf(c), month);
    if (statement === undefined) return refusalPage(c, deps, "unknown-statement");
    switch (extension) {
      case "csv":
        return download(c, statementCsv(statement), "text/csv; charset=utf-8", statement, "csv");
      case "json": {
        const json = JSON.stringify(
          toStatementDocument(statement, deps.origin + SCHEMA_PATH),
          null,
          2,
        );
        return download(c, `${json}\n`, "application/json", statement, "json");
      }
      case undefined:
        return htmlPage(
          c,
          <StatementPage
            chrome={chromeFor(c, deps)}
            statement={statement}
            exact={c.req.query("exact") !== undefined}
          />,
        );
    }
  });
  return app;
}

const download = (
  c: SiteContext,
  body: string,
  contentType: string,
  { month }: Statement,
  extension: "csv" | "json",
) =>
  c.body(body, 200, {
    "content-type": contentType,
    "content-disposition": `attachment; filename="${statementFileName(month, extension)}"`,
  });
