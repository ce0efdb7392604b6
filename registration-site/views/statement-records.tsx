import type { Statement, StatementRecord } from "../../metering/domain/statement.ts";
import { countOf, groupedCount, monthText, Usd } from "./format.tsx";
import { type InvoiceLine, invoiceLines } from "./statement-words.ts";

const outcomeWords: Record<StatementRecord["outcome"], { label: string; tone: string }> = {
  accepted: { label: "Accepted", tone: "good" },
  pending: { label: "On its way", tone: "quiet" },
  duplicate: { label: "AWS holds another figure", tone: "warn" },
  expired: { label: "Too late, not charged", tone: "warn" },
  refused: { label: "Refused, not charged", tone: "warn" },
  "in-doubt": { label: "In doubt", tone: "warn" },
};

type Line = Pick<
  StatementRecord,
  | "hour"
  | "dimension"
  | "quantity"
  | "recordQuantity"
  | "amountUsd"
  | "outcome"
  | "meteringRecordId"
  | "reason"
  | "phase"
  | "resolved"
> & { readonly label?: string };

/** The records of the service month; then those parts of the invoice that are for other months. */
export function Records({ statement, exact }: { statement: Statement; exact: boolean }) {
  const { records, month, totals, chains } = statement;
  const others = invoiceLines(statement).filter(({ label }) => label !== "");
  const several = chains.length > 1;
  const own = records.map((record) => ({
    ...record,
    ...(record.hour.startsWith(month)
      ? {}
      : { label: `on the invoice of ${monthOf(record.hour)}` }),
  }));
  return (
    <>
      {records.length === 0 ? (
        <p>None so far.</p>
      ) : (
        <RecordTable
          caption={`Metering records for ${monthText(month)}`}
          lines={own}
          several={several}
          exact={exact}
        />
      )}
      {totals.zeroRecords === 0 ? null : (
        <p class="note">
          And {countOf(totals.zeroRecords, "record")} of no units, for hours in which nothing was
          owed.
        </p>
      )}
      {others.length === 0 ? null : (
        <>
          <h3>On the same invoice, for other months</h3>
          <RecordTable
            caption={`On the invoice of ${monthText(month)}, for other months`}
            lines={others.map(lineOf)}
            several={several}
            exact={exact}
          />
        </>
      )}
    </>
  );
}

function lineOf({ item, dimension, quantity, amountUsd, label }: InvoiceLine): Line {
  const { hour, outcome, meteringRecordId, reason, phase, resolved } = item;
  const rest = { meteringRecordId, reason, phase, resolved };
  const known = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return {
    hour,
    dimension,
    quantity,
    recordQuantity: item.quantity,
    amountUsd,
    outcome,
    label,
    ...known,
  };
}

function monthOf(hour: string): string {
  return monthText(hour.slice(0, 7));
}

function RecordTable(props: {
  caption: string;
  lines: readonly Line[];
  several: boolean;
  exact: boolean;
}) {
  return (
    <div class="scroll" tabindex={0} role="region" aria-label={props.caption}>
      <table class="figures">
        <caption class="unseen">{props.caption}</caption>
        <thead>
          <tr>
            <th scope="col">Hour (UTC)</th>
            {props.several ? (
              <th scope="col" class="text">
                Dimension
              </th>
            ) : null}
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
          {props.lines.map((line) => (
            <RecordRow line={line} several={props.several} exact={props.exact} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function RecordRow({ line, several, exact }: { line: Line; several: boolean; exact: boolean }) {
  const { label, tone } = outcomeWords[line.outcome];
  return (
    <tr>
      <th scope="row">
        <time datetime={line.hour}>{line.hour.slice(0, 16).replace("T", " ")}</time>
        {line.label === undefined ? null : <span class="note"> {line.label}</span>}
      </th>
      {several ? (
        <td class="text">
          <code>{line.dimension}</code>
        </td>
      ) : null}
      <td>
        {groupedCount(line.quantity)}
        {line.quantity === line.recordQuantity ? null : (
          <span class="note"> of {groupedCount(line.recordQuantity)}</span>
        )}
      </td>
      <td>
        <Usd amount={line.amountUsd} exact={exact} />
      </td>
      <td class="text wraps">
        <span class={`tag ${tone}`}>{label}</span>
        {line.phase === undefined ? null : <span class="tag quiet">free trial</span>}
        {line.reason === undefined ? null : <span class="note"> {line.reason}</span>}
        {line.resolved === undefined ? null : (
          <span class="note">
            {" "}
            Found:{" "}
            {line.resolved.billed === 0
              ? "never charged"
              : `${groupedCount(line.resolved.billed)} units charged`}{" "}
            ({line.resolved.source})
          </span>
        )}
      </td>
      <td class="text">
        {line.meteringRecordId === undefined ? "none" : <code>{line.meteringRecordId}</code>}
      </td>
    </tr>
  );
}
