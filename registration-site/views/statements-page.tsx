import { Page, type Chrome } from "./chrome.tsx";
import { monthText } from "./format.tsx";

interface StatementsPageProps {
  readonly chrome: Chrome;
  /** `YYYY-MM`, newest first. */
  readonly months: readonly string[];
}

export function StatementsPage({ chrome, months }: StatementsPageProps) {
  return (
    <Page chrome={chrome} title="Statements" current="statements">
      <div class="hero">
        <h1>Statements</h1>
        <p class="lede">
          What was charged for each service month, and how it came about. Read them here, or take
          them along as CSV or JSON (<a href="/statements/format">what is in them</a>).
        </p>
      </div>
      {months.length === 0 ? (
        <p>
          None yet. The first one appears with the first cost figure from AWS, usually within a day
          of the launch.
        </p>
      ) : (
        <table>
          <caption class="unseen">Statements by month</caption>
          <thead>
            <tr>
              <th scope="col">Service month (UTC)</th>
              <th scope="col">Files</th>
            </tr>
          </thead>
          <tbody>
            {months.map((month) => (
              <tr>
                <td>
                  <a href={`/statements/${month}`}>{monthText(month)}</a>
                </td>
                <td>
                  <a href={`/statements/${month}.csv`} aria-label={`${monthText(month)} as CSV`}>
                    CSV
                  </a>{" "}
                  <a href={`/statements/${month}.json`} aria-label={`${monthText(month)} as JSON`}>
                    JSON
                  </a>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Page>
  );
}
