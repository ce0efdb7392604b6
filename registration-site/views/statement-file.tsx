import { html } from "hono/html";
import type { Statement } from "../../metering/domain/statement.ts";
import type { Product } from "../../product/definition.ts";
import { assets } from "./assets.ts";
import { countOf, monthText, Time, Usd } from "./format.tsx";
import { StatementBody } from "./statement-body.tsx";

/** A statement as one file: it needs no site, no script and no network. */
export async function statementFile(statement: Statement, product: Product): Promise<string> {
  return String(await html`<!doctype html>${(<File statement={statement} product={product} />)}`);
}

function File({ statement, product }: { statement: Statement; product: Product }) {
  const { month, totals } = statement;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`Statement for ${monthText(month)} · ${product.title}`}</title>
        <style dangerouslySetInnerHTML={{ __html: assets.stylesheet.body }}></style>
      </head>
      <body>
        <header class="masthead">
          <p class="brand">
            <b>{product.title}</b> <span>by {product.seller.name}</span>
          </p>
        </header>
        <main id="main">
          <div class="hero">
            <p class="eyebrow">
              Statement, {statement.plan.title} plan, account {statement.buyerAccountId}
            </p>
            <h1>{monthText(month)}</h1>
            <p class="headline">
              <Usd amount={totals.billedUsd} exact={true} />{" "}
              <span>
                charged through AWS Marketplace, {countOf(totals.acceptedUnits, "unit")} in{" "}
                {countOf(totals.records.accepted, "metering record")}
              </span>
            </p>
            <p class="note">
              Figures of <Time at={Date.parse(statement.generatedAt)} />, license{" "}
              <code>{statement.licenseArn}</code>. All days and hours are UTC, all amounts US
              dollars to the last digit.
            </p>
          </div>
          <StatementBody statement={statement} exact={true} />
        </main>
      </body>
    </html>
  );
}
