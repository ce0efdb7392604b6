import type { Balance, Statement, StatementTotals } from "../../metering/domain/statement.ts";
import { Usd } from "./format.tsx";

interface SumLine {
  readonly name: keyof Balance;
  readonly label: string;
  readonly words: string;
}

/** What was owed. The first line stands even at zero. */
const owed: readonly SumLine[] = [
  { name: "ratedUsd", label: "Rated", words: "What the rule makes of AWS's newest figures." },
  {
    name: "carriedInUsd",
    label: "Carried in",
    words: "Left over from earlier months: owed when positive, in your favour when negative.",
  },
  {
    name: "creditUsd",
    label: "Credit",
    words:
      "AWS lowered a figure after it was charged. Nothing more is charged until this is used up; at the end of the subscription it becomes an adjustment.",
  },
];

/** Where it went; adds up to the same, to the last digit (I3). */
const went: readonly SumLine[] = [
  {
    name: "billedUsd",
    label: "Charged",
    words: "Accepted by AWS Marketplace; this is on your AWS bill.",
  },
  {
    name: "freeTrialUsd",
    label: "Free trial",
    words: "Metered within your free trial; AWS Marketplace charges nothing for it.",
  },
  {
    name: "pendingUsd",
    label: "On its way",
    words: "Prepared for AWS; its answer is still to come.",
  },
  {
    name: "inDoubtUsd",
    label: "In doubt",
    words:
      "Sent, but AWS's answer was lost. It is not sent again, so that you can't be charged twice; AWS's own records will tell.",
  },
  {
    name: "carriedUsd",
    label: "Carried over",
    words: "Owed but not reported yet, or less than one unit. Charged with later records.",
  },
  {
    name: "forfeitedUsd",
    label: "Forfeited",
    words: "Can no longer be charged. You don't pay it.",
  },
  {
    name: "writtenOffUsd",
    label: "Written off",
    words: "Rated for days of the free trial, and not metered when it ended. You don't pay it.",
  },
];

const isNothing = (amount: string) => /^-?[0.]*$/.test(amount);

/** A license fee counts no AWS cost: then there is none to show. */
export const countsCost = ({ charges }: Statement): boolean =>
  charges.some(({ costUsd }) => costUsd !== undefined);

/** Lines of nothing are left out, except the two that everybody looks for. */
export function StatementSum({ statement, exact }: { statement: Statement; exact: boolean }) {
  const { totals } = statement;
  const shown = (lines: readonly SumLine[]) =>
    lines.filter(({ name }, index) => index === 0 || !isNothing(totals[name]));
  const [above, below] = [shown(owed), shown(went)];
  return (
    <>
      <dl class="sum">
        {[...above, ...below].map(({ name, label, words }, index) => (
          <div class={index === above.length ? "rule" : undefined}>
            <dt>
              {label} <span class="note">{words}</span>
            </dt>
            <dd>
              <Usd amount={totals[name]} exact={exact} />
            </dd>
          </div>
        ))}
      </dl>
      <p class="note">
        What stands above the line and below it is the same amount, to the last digit.
        {countsCost(statement) ? (
          <>
            {" "}
            AWS cost that counts in this month: <Usd amount={totals.costUsd} exact={exact} />.
          </>
        ) : null}
        {troubles(totals)}
      </p>
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
