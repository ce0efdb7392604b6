import { addDecimal, decimalText, parseDecimal, sumDecimals } from "../../metering/domain/money.ts";
import type { Deployment, License } from "../../metering/domain/license.ts";
import type { Plan } from "../../metering/domain/charges.ts";
import type { Statement } from "../../metering/domain/statement.ts";

/** What the sale came to: exact decimal strings, all months of the license together. */
export interface SaleSummary {
  readonly plan: string;
  readonly licenseArn: string;
  readonly deploymentId: string;
  readonly account: string;
  /** FOCUS's name; null for a plan that doesn't look at cost. */
  readonly costMetric: string | null;
  readonly costUsd: string;
  readonly ratedUsd: string;
  readonly unitPriceUsd: string;
  readonly acceptedUnits: number;
  readonly billedUsd: string;
  readonly carriedUsd: string;
  readonly creditUsd: string;
  readonly pendingUsd: string;
  readonly inDoubtUsd: string;
  readonly forfeitedUsd: string;
  readonly records: Statement["totals"]["records"];
  readonly months: readonly string[];
}

/** Adds up a license's statements, oldest first; what is carried is carried by the last. */
export function summarize(
  license: License,
  deployment: Deployment,
  plan: Plan,
  statements: readonly Statement[],
): SaleSummary {
  const last = statements.at(-1);
  if (last === undefined) throw new Error("there is no statement yet");
  const totals = statements.map((statement) => statement.totals);
  const sum = (pick: (of: Statement["totals"]) => string) =>
    decimalText(sumDecimals(totals.map((each) => parseDecimal(pick(each)))));
  const count = (pick: (of: Statement["totals"]["records"]) => number) =>
    totals.reduce((all, { records }) => all + pick(records), 0);
  const share = plan.charges.find((charge) => charge.kind === "percentageOfCost");
  return {
    plan: plan.id,
    licenseArn: license.licenseArn,
    deploymentId: deployment.deploymentId,
    account: deployment.accountId,
    costMetric: share?.costMetric ?? null,
    costUsd: sum(({ costUsd }) => costUsd),
    ratedUsd: sum(({ ratedUsd }) => ratedUsd),
    unitPriceUsd: last.charges[0]?.unitPriceUsd ?? "0",
    acceptedUnits: totals.reduce((all, { acceptedUnits }) => all + acceptedUnits, 0),
    billedUsd: sum(({ billedUsd }) => billedUsd),
    carriedUsd: last.totals.carriedUsd,
    creditUsd: last.totals.creditUsd,
    pendingUsd: sum(({ pendingUsd }) => pendingUsd),
    inDoubtUsd: sum(({ inDoubtUsd }) => inDoubtUsd),
    forfeitedUsd: sum(({ forfeitedUsd }) => forfeitedUsd),
    records: {
      accepted: count(({ accepted }) => accepted),
      duplicate: count(({ duplicate }) => duplicate),
      expired: count(({ expired }) => expired),
      refused: count(({ refused }) => refused),
      inDoubt: count(({ inDoubt }) => inDoubt),
    },
    months: statements.map(({ month }) => month),
  };
}

/** I3 in one line: what was owed is billed, carried, or known to be in between. */
export function balances(summary: SaleSummary): boolean {
  const plus = (...texts: string[]) =>
    decimalText(texts.map(parseDecimal).reduce((a, b) => addDecimal(a, b)));
  return (
    plus(summary.ratedUsd, summary.creditUsd) ===
    plus(
      summary.billedUsd,
      summary.carriedUsd,
      summary.pendingUsd,
      summary.inDoubtUsd,
      summary.forfeitedUsd,
    )
  );
}
