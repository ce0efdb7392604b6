import type { Statement, StatementRecord } from "../../metering/domain/statement.ts";
import { Page, Part, type Chrome } from "./chrome.tsx";
import { countOf, exactUsd, groupedCount, monthText, shortDateText, Time, Usd } from "./format.tsx";
import { StatementChart } from "./statement-chart.tsx";
import { Recompute } from "./statement-notes.tsx";
import { countsCost, StatementSum } from "./statement-sum.tsx";

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
      <Part id="sum" title="How it adds up">
        <StatementSum statement={statement} exact={exact} />
      </Part>
      <Part id="rule" title="The rule">
        <Charges statement={statement} exact={exact} />
      </Part>
      <Part id="days" title="Day by day">
        <StatementChart statement={statement} />
        <Days statement={statement} exact={exact} />
      </Part>
      <Part
        id="records"
        title="Metering records"
        note="What was reported to AWS Marketplace for this month. AWS keeps the same records."
      >
        <Records statement={statement} exact={exact} />
      </Part>
      <Part id="recompute" title="Check it yourself">
        <Recompute chrome={chrome} statement={statement} />
      </Part>
    </Page>
  );
}

function Charges({ statement, exact }: { statement: Statement; exact: boolean }) {
  return (
    <>
      {statement.charges.map((charge) => (
        <article class="charge">
          <p>
            <b>{charge.rule}</b>
          </p>
          <p>
            {charge.costUsd === undefined ? null : (
              <>
                Counted cost <Usd amount={charge.costUsd} exact={exact} />, which comes to{" "}
              </>
            )}
            <Usd amount={charge.ratedUsd} exact={exact} />. Reported in units of{" "}
            {exactUsd(charge.unitPriceUsd)} of the dimension <code>{charge.dimension}</code>.
          </p>
        </article>
      ))}
      {statement.excludedCost.length === 0 ? null : (
        <>
          <p>AWS cost seen but not counted:</p>
          <dl class="sum">
            {statement.excludedCost.map(({ category, usd }) => (
              <div>
                <dt>{category}</dt>
                <dd>
                  <Usd amount={usd} exact={exact} />
                </dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </>
  );
}

function Days({ statement, exact }: { statement: Statement; exact: boolean }) {
  if (statement.days.length === 0) return <p>AWS has reported no day of this month yet.</p>;
  const hasCost = countsCost(statement);
  return (
    <div class="scroll" tabindex={0} role="region" aria-label="Table of days">
      <table class="figures">
        <caption class="unseen">AWS cost and charges by day</caption>
        <thead>
          <tr>
            <th scope="col">Day</th>
            {hasCost ? <th scope="col">AWS cost</th> : null}
            <th scope="col">Rated so far</th>
            <th scope="col">Charged so far</th>
          </tr>
        </thead>
        <tbody>
          {statement.days.map((day) => (
            <tr>
              <th scope="row">
                <time datetime={day.date}>{shortDateText(day.date)}</time>
                {day.estimated ? <span class="tag quiet">estimated</span> : null}
              </th>
              {hasCost ? (
                <td>
                  <Usd amount={day.costUsd} exact={exact} />
                </td>
              ) : null}
              <td>
                <Usd amount={day.ratedCumulativeUsd} exact={exact} />
              </td>
              <td>
                <Usd amount={day.billedCumulativeUsd} exact={exact} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const outcomeWords: Record<StatementRecord["outcome"], { label: string; tone: string }> = {
  accepted: { label: "Accepted", tone: "good" },
  pending: { label: "On its way", tone: "quiet" },
  duplicate: { label: "AWS holds another figure", tone: "warn" },
  expired: { label: "Too late, not charged", tone: "warn" },
  refused: { label: "Refused, not charged", tone: "warn" },
  "in-doubt": { label: "In doubt", tone: "warn" },
};

function Records({ statement, exact }: { statement: Statement; exact: boolean }) {
  if (statement.records.length === 0) return <p>None so far.</p>;
  return (
    <div class="scroll" tabindex={0} role="region" aria-label="Table of metering records">
      <table class="figures">
        <caption class="unseen">Metering records</caption>
        <thead>
          <tr>
            <th scope="col">Hour (UTC)</th>
            <th scope="col">Units</th>
            <th scope="col">Amount</th>
            <th scope="col" class="text">
              Outcome
            </th>
            <th scope="col" class="text">
              AWS's record id
            </th>
          </tr>
        </thead>
        <tbody>
          {statement.records.map((record) => (
            <RecordRow record={record} exact={exact} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function RecordRow({ record, exact }: { record: StatementRecord; exact: boolean }) {
  const { label, tone } = outcomeWords[record.outcome];
  return (
    <tr>
      <th scope="row">
        <time datetime={record.hour}>{record.hour.slice(0, 16).replace("T", " ")}</time>
      </th>
      <td>
        {groupedCount(record.quantity)}
        {record.quantity === record.recordQuantity ? null : (
          <span class="note"> of {groupedCount(record.recordQuantity)}</span>
        )}
      </td>
      <td>
        <Usd amount={record.amountUsd} exact={exact} />
      </td>
      <td class="text">
        <span class={`tag ${tone}`}>{label}</span>
      </td>
      <td class="text">
        {record.meteringRecordId === undefined ? "none" : <code>{record.meteringRecordId}</code>}
      </td>
    </tr>
  );
}
