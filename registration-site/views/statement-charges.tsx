import type { Statement, StatementCharge } from "../../metering/domain/statement.ts";
import { countOf, dateText, exactUsd, instantText, Usd } from "./format.tsx";
import { workingLines } from "./statement-words.ts";

/** Which plan counted when, each charge with its working, and what a unit cost. */
export function Charges({ statement, exact }: { statement: Statement; exact: boolean }) {
  const { charges, terms, prices } = statement;
  return (
    <>
      {terms.length === 0 ? null : (
        <ul class="terms">
          {terms.map(({ title, from, until, days, trialUntil }) => (
            <li>
              <b>{title}</b> from {when(from)} until {when(until)}, {days} whole{" "}
              {days === 1 ? "day" : "days"}
              {trialUntil === undefined
                ? ""
                : `; your trial until ${when(trialUntil)} is not rated`}
              .
            </li>
          ))}
        </ul>
      )}
      {charges.map((charge) => (
        <ChargeLine charge={charge} exact={exact} isOnlyPlan={terms.length < 2} />
      ))}
      <ul class="terms">
        {prices.map(({ words }) => (
          <li>{words}.</li>
        ))}
      </ul>
    </>
  );
}

function ChargeLine(props: { charge: StatementCharge; exact: boolean; isOnlyPlan: boolean }) {
  const { charge, exact } = props;
  return (
    <article class="charge">
      <p>
        <b>{charge.rule}</b>
        {charge.phase === "trial" ? <span class="tag quiet">free trial</span> : null}
      </p>
      {props.isOnlyPlan ? null : (
        <p class="note">
          Plan <code>{charge.planId}</code>
          {charge.periods.length === 0
            ? ", not begun yet"
            : charge.periods.map(({ from, until }) => `, ${when(from)} to ${when(until)}`)}
        </p>
      )}
      <ul class="working">
        {workingLines(charge).map((line) => (
          <li>{line}</li>
        ))}
      </ul>
      <p>
        {charge.costUsd === undefined ? null : (
          <>
            Counted cost <Usd amount={charge.costUsd} exact={exact} />, which comes to{" "}
          </>
        )}
        <Usd amount={charge.ratedUsd} exact={exact} />. Reported in units of{" "}
        {charge.unitPriceUsd === "" ? "an unlisted price" : exactUsd(charge.unitPriceUsd)} of the
        dimension <code>{charge.dimension}</code>.
      </p>
    </article>
  );
}

/** A midnight is a day; anything else has its time. */
function when(instant: string): string {
  const text = instantText(Date.parse(instant));
  return text.replace(", 00:00 UTC", "");
}

/** What belongs to the month beside the charges: cost not counted, readings, adjustments, losses. */
export function Beside({ statement, exact }: { statement: Statement; exact: boolean }) {
  const { excludedCost, reading, adjustments, forfeited, unreportedDays } = statement;
  return (
    <>
      <Amounts
        title="AWS cost seen but not counted:"
        exact={exact}
        lines={excludedCost.map(({ category, usd }) => ({ name: category, usd }))}
      />
      <Amounts
        title="What asking AWS for the cost cost by itself; it is on the AWS bill, not on this one:"
        exact={exact}
        lines={reading.map(({ deploymentId, requests, usd, paidBy }) => ({
          name: `${countOf(requests, "request")} for ${deploymentId}`,
          note: `paid by the ${paidBy}`,
          usd,
        }))}
      />
      <Amounts
        title="Adjustments of issued invoices:"
        exact={exact}
        lines={adjustments.map(({ usd, reason, state, requestId, invoiceId }) => ({
          name: state,
          note: [reason, invoiceId, requestId].filter((part) => part !== undefined).join(", "),
          usd,
        }))}
      />
      <Amounts
        title="Known too late to be charged before the subscription's last hour closed:"
        exact={exact}
        lines={forfeited.map(({ dimension, date, usd }) => ({
          name: date === undefined ? "Left of earlier months" : dateText(date),
          note: dimension,
          usd,
        }))}
      />
      {unreportedDays.length === 0 ? null : (
        <p>
          AWS had reported no cost by then for {unreportedDays.map(dateText).join(", ")}: nothing is
          charged for {unreportedDays.length === 1 ? "it" : "them"}.
        </p>
      )}
    </>
  );
}

interface AmountLine {
  readonly name: string;
  readonly note?: string;
  readonly usd: string;
}

function Amounts(props: { title: string; lines: readonly AmountLine[]; exact: boolean }) {
  if (props.lines.length === 0) return null;
  return (
    <>
      <p>{props.title}</p>
      <dl class="sum">
        {props.lines.map(({ name, note, usd }) => (
          <div>
            <dt>
              {name} {note === undefined ? null : <span class="note">{note}</span>}
            </dt>
            <dd>
              <Usd amount={usd} exact={props.exact} />
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

export const hasBeside = (statement: Statement): boolean =>
  [
    statement.excludedCost,
    statement.reading,
    statement.adjustments,
    statement.forfeited,
    statement.unreportedDays,
  ].some(({ length }) => length > 0);
