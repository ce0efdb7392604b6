import type { Statement } from "../../metering/domain/statement.ts";
import { exactUsd, instantText, monthText } from "./format.tsx";
import { arithmetic, invoiceLines, workingLines } from "./statement-words.ts";

/** The statement for a terminal: what was charged, how it adds up, and every record. */
export function statementText(statement: Statement): string {
  const { month, totals, invoice } = statement;
  const lines = [
    `Statement for ${monthText(month)}, ${statement.plan.title} plan`,
    `${statement.licenseArn}, account ${statement.buyerAccountId}`,
    `Figures of ${instantText(Date.parse(statement.generatedAt))}`,
    "",
    `For ${monthText(month)}:`,
    `  ${arithmetic(totals)}`,
    `On the invoice of ${monthText(month)}:`,
    `  ${arithmetic(invoice)}`,
    "",
    ...chargeLines(statement),
    ...recordLines(statement),
    ...otherLines(statement),
  ];
  return `${lines.join("\n")}\n`;
}

function chargeLines({ charges }: Statement): string[] {
  return charges.flatMap((charge) => {
    const trial = charge.phase === "trial" ? ", free trial" : "";
    return [
      `${charge.chargeId} (${charge.dimension}, plan ${charge.planId}${trial}): ${charge.rule}`,
      ...charge.periods.map(({ from, until }) => `  from ${from} until ${until}`),
      ...workingLines(charge).map((line) => `  ${line}`),
      `  rated ${exactUsd(charge.ratedUsd)}`,
      "",
    ];
  });
}

function recordLines(statement: Statement): string[] {
  const late = invoiceLines(statement).filter(({ label }) => label !== "");
  return [
    `Metering records for ${monthText(statement.month)}:`,
    ...statement.records.map((record) =>
      [
        ` `,
        record.hour.slice(0, 16),
        record.dimension,
        `${record.quantity} of ${record.recordQuantity} units`,
        exactUsd(record.amountUsd),
        record.outcome,
        record.meteringRecordId ?? record.reason ?? "",
        record.resolved === undefined
          ? ""
          : `resolved: ${record.resolved.billed} billed (${record.resolved.source})`,
      ]
        .join(" ")
        .trimEnd(),
    ),
    ...(late.length === 0 ? [] : ["On this month's invoice for other months:"]),
    ...late.map(
      ({ item, dimension, quantity, amountUsd, label }) =>
        `  ${item.hour.slice(0, 16)} ${dimension} ${quantity} units ${exactUsd(amountUsd)} ${label}`,
    ),
    ...(statement.totals.zeroRecords === 0
      ? []
      : [`${statement.totals.zeroRecords} records of no units`]),
    "",
  ];
}

function otherLines(statement: Statement): string[] {
  return [
    ...statement.excludedCost.map(
      ({ category, usd }) => `Not counted: ${category} ${exactUsd(usd)}`,
    ),
    ...statement.reading.map(
      ({ deploymentId, requests, usd, paidBy }) =>
        `Reading cost of ${deploymentId}: ${requests} requests, ${exactUsd(usd)}, paid by the ${paidBy}`,
    ),
    ...statement.forfeited.map(
      ({ dimension, date, usd }) =>
        `Forfeited: ${dimension} ${date ?? "of earlier months"} ${exactUsd(usd)}`,
    ),
    ...statement.unreportedDays.map((day) => `Never reported by AWS in time: ${day}`),
    ...statement.adjustments.map(
      ({ usd, reason, state, requestId, invoiceId }) =>
        `Billing adjustment ${[requestId, invoiceId].filter(Boolean).join(" of ")}: ${exactUsd(usd)}, ${reason}, ${state}`,
    ),
  ];
}
