import type { Statement, StatementTotals } from "../../metering/domain/statement.ts";
import { monthText, Usd } from "./format.tsx";
import {
  arithmetic,
  type BalanceLine,
  isNothing,
  owedLines,
  wentLines,
} from "./statement-words.ts";

/** A license fee counts no AWS cost: then there is none to show. */
export const countsCost = ({ charges }: Statement): boolean =>
  charges.some(({ costUsd }) => costUsd !== undefined);

/** Both balances side by side; lines of nothing are left out, except the ones everybody looks for. */
export function StatementSum({ statement, exact }: { statement: Statement; exact: boolean }) {
  const { totals, invoice, month } = statement;
  const isShown = ({ name }: BalanceLine) =>
    name === "ratedUsd" ||
    name === "billedUsd" ||
    !isNothing(totals[name]) ||
    !isNothing(invoice[name]);
  const row = ({ name, label, words }: BalanceLine) => (
    <tr>
      <th scope="row">
        <b>{label}</b> <span class="note">{words}</span>
      </th>
      <td>
        <Usd amount={totals[name]} exact={exact} />
      </td>
      <td>
        <Usd amount={invoice[name]} exact={exact} />
      </td>
    </tr>
  );
  return (
    <>
      <table class="figures balance">
        <caption class="unseen">What was owed, and where it went</caption>
        <thead>
          <tr>
            <th scope="col">Line</th>
            <th scope="col">For {monthText(month)}</th>
            <th scope="col">On its invoice</th>
          </tr>
        </thead>
        <tbody>{owedLines.filter(isShown).map(row)}</tbody>
        <tbody class="rule">{wentLines.filter(isShown).map(row)}</tbody>
      </table>
      <p class="note">
        What stands above the line and below it is the same amount, to the last digit. The first
        column is what was used in {monthText(month)}, on whichever invoice it stands; the second is
        what AWS puts on the invoice of {monthText(month)}, for whichever month it is. Over all
        months of a subscription both come to the same.
        {countsCost(statement) ? (
          <>
            {" "}
            AWS cost that counts in this month: <Usd amount={totals.costUsd} exact={exact} />.
          </>
        ) : null}
        {troubles(totals)}
      </p>
      <dl class="arithmetic">
        <dt>For the month</dt>
        <dd>{arithmetic(totals)}</dd>
        <dt>On the invoice</dt>
        <dd>{arithmetic(invoice)}</dd>
      </dl>
    </>
  );
}

/** Records that did not simply succeed, so that none goes unmentioned. */
function troubles({ records }: StatementTotals): string {
  const words = [
    [records.duplicate, "for which AWS holds another figure"],
    [records.expired, "that came too late"],
    [records.refused, "that AWS refused"],
    [records.inDoubt, "in doubt"],
  ] as const;
  const some = words
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count} ${count === 1 ? "record" : "records"} ${what}`);
  return some.length === 0 ? "" : ` Of the metering records: ${some.join(", ")}.`;
}
