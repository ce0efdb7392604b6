import type { Statement } from "../../metering/domain/statement.ts";
import { Copyable, Page, Part, type Chrome } from "./chrome.tsx";
import { csvColumns } from "./statement-csv.ts";
import { SCHEMA_PATH, STATEMENT_SCHEMA_VERSION } from "./statement-schema.ts";

/** Each step uses only this page and the buyer's own account. */
export function Recompute({ statement }: { statement: Statement }) {
  const share = statement.charges
    .map(({ charge }) => charge)
    .find(({ kind }) => kind === "percentageOfCost");
  const [start, end] = monthBounds(statement.month);
  return (
    <ol class="numbered">
      {share?.kind !== "percentageOfCost" ? null : (
        <li>
          <b>The cost.</b> Ask AWS for the same figures, in the account that the stack runs in
          {share.costScope === "tag" ? ", filtered by the deployment's cost-allocation tag" : ""}.
          Group by <code>RECORD_TYPE</code> to see what is counted and what is left out:
          <Copyable
            block
            id="cost-command"
            label="the Cost Explorer command"
            text={[
              "aws ce get-cost-and-usage --granularity DAILY",
              `  --time-period Start=${start},End=${end}`,
              `  --metrics ${costExplorerMetrics[share.costMetric]}`,
              "  --group-by Type=DIMENSION,Key=RECORD_TYPE",
            ].join(" \\\n")}
          />
        </li>
      )}
      <li>
        <b>The rules.</b> Follow the lines of each rule above. An amount is rounded down once, at
        the twelfth decimal of a dollar.
      </li>
      <li>
        <b>The units.</b> Add up units × unit price of the accepted records: that is what was
        charged. What is left is less than one unit, or one of the other lines of the sum.
      </li>
      <li>
        <b>The bill.</b> Your AWS bill lists the units under AWS Marketplace, by dimension. A record
        counts in the month of its hour, so the last hours of a month's use may be on the next bill.
      </li>
      <li>
        <b>All of it at once.</b> Save the JSON of this statement and run{" "}
        <code>npx launchmeter statement verify FILE</code>: it recomputes every figure from the
        others, on your own machine, and says whether the statement holds.
      </li>
    </ol>
  );
}

/** The Cost Explorer names of FOCUS's two views of cost (protocol-facts, Cost Explorer metrics). */
const costExplorerMetrics = {
  BilledCost: "UnblendedCost",
  EffectiveCost: "NetAmortizedCost",
} as const;

/** First day, and first day of the next month: Cost Explorer's end is exclusive. */
function monthBounds(month: string): [string, string] {
  const [year = 0, monthNumber = 0] = month.split("-").map(Number);
  return [`${month}-01`, new Date(Date.UTC(year, monthNumber, 1)).toISOString().slice(0, 10)];
}

/** Public documentation of the two machine-readable forms. */
export function StatementFormatPage({ chrome }: { chrome: Chrome }) {
  return (
    <Page chrome={chrome} title="Statement files" current="statements">
      <div class="hero">
        <h1>Statement files</h1>
        <p class="lede">
          Both hold what the page shows, to the last digit. Amounts are decimal text in US dollars:
          read them as decimals, not as floating point.
        </p>
      </div>
      <Part id="json" title="JSON" note="/statements/YYYY-MM.json">
        <p>
          Described by <a href={SCHEMA_PATH}>a JSON Schema</a>. <code>schemaVersion</code> is{" "}
          {STATEMENT_SCHEMA_VERSION}; it rises when a field goes away or changes its meaning. Fields
          may be added without that, so ignore what you don't know.
        </p>
      </Part>
      <Part id="csv" title="CSV" note="/statements/YYYY-MM.csv">
        <p>
          RFC 4180, UTF-8, one header line. Address the columns by name: new ones are added at the
          end. Text that a spreadsheet would take for a formula has an apostrophe in front; numbers,
          negative ones too, are never touched.
        </p>
        <table class="cards">
          <caption class="unseen">Columns of the CSV file</caption>
          <thead>
            <tr>
              <th scope="col">Column</th>
              <th scope="col">What it holds</th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(csvColumns).map(([name, words]) => (
              <tr>
                <td data-label="Column">
                  <code>{name}</code>
                </td>
                <td data-label="What it holds">{words}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Part>
    </Page>
  );
}

export const statementFileName = (month: string, extension: "csv" | "json") =>
  `statement-${month}.${extension}`;
