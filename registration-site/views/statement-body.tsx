import type { Statement } from "../../metering/domain/statement.ts";
import { Part } from "./chrome.tsx";
import { shortDateText, Usd } from "./format.tsx";
import { StatementChart } from "./statement-chart.tsx";
import { Beside, Charges, hasBeside } from "./statement-charges.tsx";
import { Recompute } from "./statement-notes.tsx";
import { Records } from "./statement-records.tsx";
import { countsCost, StatementSum } from "./statement-sum.tsx";
import { unitsByDay } from "./statement-units.ts";

/** Everything below the heading: the same on the site and in a file. */
export function StatementBody({ statement, exact }: { statement: Statement; exact: boolean }) {
  return (
    <>
      <Part id="sum" title="How it adds up">
        <StatementSum statement={statement} exact={exact} />
      </Part>
      <Part id="rule" title="The rules">
        <Charges statement={statement} exact={exact} />
      </Part>
      <Part id="days" title="Day by day">
        <StatementChart statement={statement} />
        <Days statement={statement} exact={exact} />
      </Part>
      <Part
        id="records"
        title="Metering records"
        wide={statement.chains.length > 1}
        note="What was reported to AWS Marketplace. AWS keeps the same records."
      >
        <Records statement={statement} exact={exact} />
      </Part>
      {hasBeside(statement) ? (
        <Part id="beside" title="Beside the charges">
          <Beside statement={statement} exact={exact} />
        </Part>
      ) : null}
      <Part id="recompute" title="Check it yourself">
        <Recompute statement={statement} />
      </Part>
    </>
  );
}

function Days({ statement, exact }: { statement: Statement; exact: boolean }) {
  if (statement.days.length === 0) return <p>AWS has reported no day of this month yet.</p>;
  const hasCost = countsCost(statement);
  const meters = unitsByDay(statement);
  return (
    <div class="scroll" tabindex={0} role="region" aria-label="Table of days">
      <table class="figures">
        <caption class="unseen">AWS cost, usage and charges by day</caption>
        <thead>
          <tr>
            <th scope="col">Day</th>
            {hasCost ? <th scope="col">AWS cost</th> : null}
            {meters.map(({ meter }) => (
              <th scope="col">{meter}</th>
            ))}
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
              {meters.map(({ days }) => (
                <td>{days.get(day.date) ?? "0"}</td>
              ))}
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
