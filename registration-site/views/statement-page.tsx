import type { Statement } from "../../metering/domain/statement.ts";
import { Page, type Chrome } from "./chrome.tsx";
import { countOf, monthText, Time, Usd } from "./format.tsx";
import { StatementBody } from "./statement-body.tsx";

interface StatementPageProps {
  readonly chrome: Chrome;
  readonly statement: Statement;
  /** Whether amounts are shown to their last digit instead of rounded to cents. */
  readonly exact: boolean;
}

export function StatementPage({ chrome, statement, exact }: StatementPageProps) {
  const { month, totals } = statement;
  return (
    <Page chrome={chrome} title={`Statement for ${monthText(month)}`} current="statements">
      <div class="hero">
        <p class="eyebrow">
          Statement, {statement.plan.title} plan, account {statement.buyerAccountId}
        </p>
        <h1>{monthText(month)}</h1>
        <p class="headline">
          <Usd amount={totals.billedUsd} exact={exact} />{" "}
          <span>
            charged through AWS Marketplace, {countOf(totals.acceptedUnits, "unit")} in{" "}
            {countOf(totals.records.accepted, "metering record")}
          </span>
        </p>
        <p class="note">
          Figures of <Time at={Date.parse(statement.generatedAt)} />. All days and hours are UTC,
          all amounts US dollars{exact ? " to the last digit" : ", rounded to cents for reading"}.
        </p>
        <p class="actions no-print">
          <a class="button quiet" href={`/statements/${month}.csv`}>
            CSV
          </a>
          <a class="button quiet" href={`/statements/${month}.json`}>
            JSON
          </a>
          {exact ? (
            <a href={`/statements/${month}`}>Round to cents</a>
          ) : (
            <a href={`/statements/${month}?exact`}>Show every digit</a>
          )}
        </p>
      </div>
      <StatementBody statement={statement} exact={exact} />
    </Page>
  );
}
