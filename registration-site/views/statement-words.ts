import type { Balance, Statement, StatementCharge } from "../../metering/domain/statement.ts";
import type { ItemRecord } from "../../metering/domain/statement-chain.ts";
import { exactUsd, monthText } from "./format.tsx";

export interface BalanceLine {
  readonly name: keyof Balance;
  readonly label: string;
  readonly words: string;
}

/** What was owed. */
export const owedLines: readonly BalanceLine[] = [
  {
    name: "carriedInUsd",
    label: "Carried in",
    words: "Left over from earlier months: owed when positive, in your favour when negative.",
  },
  { name: "ratedUsd", label: "Rated", words: "What the rules make of the newest figures." },
  {
    name: "creditUsd",
    label: "Credit",
    words:
      "AWS lowered a figure after it was charged. Nothing more is charged until this is used up; at the end of the subscription it becomes an adjustment.",
  },
];

/** Where it went; adds up to the same, to the last digit (I3). */
export const wentLines: readonly BalanceLine[] = [
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

export const isNothing = (amount: string) => /^-?[0.]*$/.test(amount);

/** The balance as one line of arithmetic, every digit shown and nothing that is nothing. */
export function arithmetic(balance: Balance): string {
  const side = (lines: readonly BalanceLine[]) => {
    const shown = lines.filter(({ name }) => !isNothing(balance[name]));
    const terms = shown.length === 0 ? lines.slice(0, 1) : shown;
    return terms
      .map(({ name, label }) => `${label.toLowerCase()} ${exactUsd(balance[name])}`)
      .join(" + ");
  };
  return `${side(owedLines)} = ${side(wentLines)}`;
}

const plural = (count: number, unit: string) => `${count} ${unit}${count === 1 ? "" : "s"}`;

/** The charge's amount, step by step, as a person with a calculator would go. */
export function workingLines({ charge, working, ownUsd, ratedUsd }: StatementCharge): string[] {
  const lines: string[] = [];
  switch (working.kind) {
    case "percentageOfCost":
      for (const { of, rate, comesToUsd } of shownSteps(working.steps)) {
        lines.push(`${rate} % of ${exactUsd(of)} = ${exactUsd(comesToUsd)}`);
      }
      lines.push(...boundLines(working));
      break;
    case "perUnit":
      if (working.includedBy === "contract-without-number") {
        lines.push("The contract includes any number of units: none goes beyond it.");
      }
      if (working.includedBy === "contract-unknown") {
        lines.push("The contract's units are not known yet: until then, none counts as beyond it.");
      }
      for (const { of, rate, comesToUsd } of shownSteps(working.steps)) {
        lines.push(
          rate === "0"
            ? `${of} units included = $0.00`
            : `${of} units × $${rate} = ${exactUsd(comesToUsd)}`,
        );
      }
      lines.push(...boundLines(working));
      break;
    case "license": {
      const fee = charge.kind === "license" ? charge.perMonth : "0";
      lines.push(
        working.unit === "month"
          ? `$${fee} × ${plural(working.counted, "month")} = ${exactUsd(ownUsd)}`
          : `$${fee} × ${working.counted} of ${plural(working.of, working.unit)} = ${exactUsd(ownUsd)}`,
      );
      break;
    }
    case "oneTime":
      lines.push(
        working.firstRan === undefined
          ? "Not owed in this month: it was owed when the charge first ran, or will be."
          : `First owed on ${working.firstRan.slice(0, 10)}: ${exactUsd(ownUsd)}`,
      );
      break;
    case "minimumSpend": {
      const { days, ofDays, minimumUsd = "0" } = working.bounds;
      const perMonth = charge.kind === "minimumSpend" ? charge.perMonth : "0";
      lines.push(
        `$${perMonth} × ${days} of ${plural(ofDays, "day")} = ${exactUsd(minimumUsd)}; the other charges came to ${exactUsd(working.spentUsd)}`,
        `Missing when the month is over: ${exactUsd(ownUsd)}`,
      );
    }
  }
  if (ownUsd !== ratedUsd) {
    lines.push(
      `Of it, ${exactUsd(ratedUsd)} is owed: the rest was paid with an earlier definition of this charge, or lies above the cap that both share.`,
    );
  }
  return lines;
}

function shownSteps<Step extends { readonly of: string }>(steps: readonly Step[]): readonly Step[] {
  const some = steps.filter(({ of }) => !isNothing(of));
  return some.length === 0 ? steps.slice(0, 1) : some;
}

function boundLines(working: {
  readonly shareUsd: string;
  readonly steps: readonly unknown[];
  readonly bounds: {
    readonly days: number;
    readonly ofDays: number;
    readonly minimumUsd?: string;
    readonly capUsd?: string;
  };
}): string[] {
  const { shareUsd, bounds } = working;
  const lines = [`Together, down to the twelfth decimal: ${exactUsd(shareUsd)}`];
  if (bounds.capUsd !== undefined) lines.push(`At most ${exactUsd(bounds.capUsd)} in the month`);
  if (bounds.minimumUsd !== undefined) {
    lines.push(
      `At least ${exactUsd(bounds.minimumUsd)} for ${bounds.days} of ${plural(bounds.ofDays, "day")}, when the month is over`,
    );
  }
  return lines;
}

export interface InvoiceLine {
  readonly dimension: string;
  readonly item: ItemRecord;
  /** The part of it that is for this service month … */
  readonly month: string;
  readonly quantity: number;
  readonly amountUsd: string;
  /** … in words, where it is not the month of the invoice: `for February 2026`. */
  readonly label: string;
}

/** What AWS puts on the month's invoice, each part by the service month that it is for. */
export function invoiceLines({ chains, month }: Statement): InvoiceLine[] {
  return chains.flatMap(({ dimension, items }) =>
    items.flatMap((item) => {
      if (item.kind !== "record" || !item.hour.startsWith(month)) return [];
      return item.parts.map((part) => ({
        dimension,
        item,
        ...part,
        label: part.month === month ? "" : `for ${monthText(part.month)}`,
      }));
    }),
  );
}
