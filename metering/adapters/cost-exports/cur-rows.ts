import { addDecimal, type Decimal, ZERO } from "../../domain/money.ts";
import type { Category } from "./cost-totals.ts";
import { type CellReaders, type RowFormat, RowRefused } from "./row-format.ts";

/** Columns of the amortised view; an export may leave out what its account never has. */
const RESERVATION = {
  effective: ["reservation_net_effective_cost", "reservation_effective_cost"],
  unusedUpfront: [
    "reservation_net_unused_amortized_upfront_fee_for_billing_period",
    "reservation_unused_amortized_upfront_fee_for_billing_period",
  ],
  unusedRecurring: ["reservation_net_unused_recurring_fee", "reservation_unused_recurring_fee"],
  arn: "reservation_reservation_a_r_n",
} as const;

const SAVINGS_PLAN = {
  effective: [
    "savings_plan_net_savings_plan_effective_cost",
    "savings_plan_savings_plan_effective_cost",
  ],
  commitment: "savings_plan_total_commitment_to_date",
  used: "savings_plan_used_commitment",
} as const;

const NET_UNBLENDED = "line_item_net_unblended_cost";
const UNBLENDED = "line_item_unblended_cost";

/**
 * CUR 2.0 (protocol-facts E4). Its `identity_line_item_id` names a kind of charge, not a row: it
 * repeats, so nothing is de-duplicated. Days as in FOCUS (focus-rows.ts).
 */
export function curRows(cells: CellReaders): RowFormat {
  return {
    title: "CUR 2.0",
    required: [
      UNBLENDED,
      "line_item_line_item_type",
      "line_item_usage_account_id",
      "line_item_usage_start_date",
      "line_item_currency_code",
      "bill_billing_entity",
    ],
    optional: [
      NET_UNBLENDED,
      "bill_invoice_id",
      ...RESERVATION.effective,
      ...RESERVATION.unusedUpfront,
      ...RESERVATION.unusedRecurring,
      RESERVATION.arn,
      ...SAVINGS_PLAN.effective,
      SAVINGS_PLAN.commitment,
      SAVINGS_PLAN.used,
    ],
    tags: ["tags", "resource_tags"],
    read(text) {
      const accountId = text("line_item_usage_account_id");
      const type = text("line_item_line_item_type");
      const amount = (column: string) => cells.amount(accountId, column, text(column));
      const start = text("line_item_usage_start_date");
      return {
        accountId,
        tag: cells.tag(text("tags")) || cells.tag(text("resource_tags")),
        day: cells.day(accountId, "line_item_usage_start_date", start),
        category: categoryOf(type, text("bill_billing_entity")),
        currency: text("line_item_currency_code"),
        billed: amount(UNBLENDED),
        effective: effectiveCost(type, text, amount),
        isFinal: text("bill_invoice_id") !== "",
      };
    },
  };
}

function categoryOf(type: string, billingEntity: string): Category {
  if (billingEntity !== "" && billingEntity !== "AWS") return "Marketplace";
  return type === "Tax" || type === "Credit" || type === "Refund" ? type : "Usage";
}

/**
 * Net amortised cost, FOCUS's EffectiveCost: what a reservation or a savings plan covers costs its
 * share of the fee, what of the fee nothing used costs itself, and the fee as it was billed costs
 * nothing a second time. Net of discounts where AWS gives the column.
 */
function effectiveCost(
  type: string,
  text: (column: string) => string,
  amount: (column: string) => Decimal,
): Decimal {
  const first = (columns: readonly string[]) => {
    const column = columns.find((each) => text(each) !== "");
    // Taken for nothing, what a plan covers would be free.
    if (column === undefined) throw missing(text, type, columns);
    return amount(column);
  };
  switch (type) {
    case "SavingsPlanCoveredUsage":
      return first(SAVINGS_PLAN.effective);
    case "SavingsPlanRecurringFee":
      return minus(first([SAVINGS_PLAN.commitment]), first([SAVINGS_PLAN.used]));
    case "SavingsPlanNegation":
    case "SavingsPlanUpfrontFee":
      return ZERO;
    case "DiscountedUsage":
      return first(RESERVATION.effective);
    case "RIFee":
      return addDecimal(first(RESERVATION.unusedUpfront), first(RESERVATION.unusedRecurring));
    case "Fee":
      // The upfront fee of a reservation is spread over its term.
      return text(RESERVATION.arn) === "" ? first([NET_UNBLENDED, UNBLENDED]) : ZERO;
    default:
      return first([NET_UNBLENDED, UNBLENDED]);
  }
}

function missing(text: (column: string) => string, type: string, columns: readonly string[]) {
  return new RowRefused(
    text("line_item_usage_account_id"),
    `a row of type ${type} has no ${columns.at(-1)}: export that column, too`,
  );
}

function minus(a: Decimal, b: Decimal): Decimal {
  return addDecimal(a, { digits: -b.digits, scale: b.scale });
}
