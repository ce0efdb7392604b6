import { addDecimal, subtractDecimal } from "../../domain/money.ts";
import { type Amount, toDecimal } from "./amounts.ts";
import type { Category } from "./cost-row.ts";
import { type Cells, type RowFormat, RowRefused } from "./row-format.ts";

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

const ACCOUNT = "line_item_usage_account_id";
const TYPE = "line_item_line_item_type";
const NET_UNBLENDED = "line_item_net_unblended_cost";
const UNBLENDED = "line_item_unblended_cost";

/**
 * CUR 2.0 (protocol-facts E4). Its `identity_line_item_id` names a kind of charge, not a row: it
 * repeats, so nothing is de-duplicated. Days as in FOCUS (focus-rows.ts).
 */
export const curRows: RowFormat = {
  title: "CUR 2.0",
  required: [
    UNBLENDED,
    TYPE,
    ACCOUNT,
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
  reader(cells) {
    const accountOf = cells.text(ACCOUNT);
    const type = cells.text(TYPE);
    const userTag = cells.tag("tags");
    const resourceTag = cells.tag("resource_tags");
    const day = cells.day("line_item_usage_start_date");
    const billingEntity = cells.text("bill_billing_entity");
    const currency = cells.text("line_item_currency_code");
    const billed = cells.amount(UNBLENDED);
    const effective = effectiveCost(cells);
    const isFinal = cells.of("bill_invoice_id", (id) => id !== "");
    return () => {
      const accountId = accountOf();
      return {
        accountId,
        tag: userTag() || resourceTag(),
        day: day(accountId),
        category: categoryOf(type(), billingEntity()),
        currency: currency(),
        billed: billed(accountId),
        effective: effective(accountId, type()),
        isFinal: isFinal(),
      };
    };
  },
};

function categoryOf(type: string, billingEntity: string): Category {
  if (billingEntity !== "" && billingEntity !== "AWS") return "Marketplace";
  return type === "Tax" || type === "Credit" || type === "Refund" ? type : "Usage";
}

/**
 * Net amortised cost, FOCUS's EffectiveCost: what a reservation or a savings plan covers costs its
 * share of the fee, what of the fee nothing used costs itself, and the fee as it was billed costs
 * nothing a second time. Net of discounts where AWS gives the column.
 */
function effectiveCost(cells: Cells): (accountId: string, type: string) => Amount {
  const first = (columns: readonly string[]) => firstAmount(cells, columns);
  const savingsPlan = first(SAVINGS_PLAN.effective);
  const commitment = first([SAVINGS_PLAN.commitment]);
  const used = first([SAVINGS_PLAN.used]);
  const reserved = first(RESERVATION.effective);
  const unusedUpfront = first(RESERVATION.unusedUpfront);
  const unusedRecurring = first(RESERVATION.unusedRecurring);
  const isReservation = cells.of(RESERVATION.arn, (arn) => arn !== "");
  const unblended = first([NET_UNBLENDED, UNBLENDED]);
  return (accountId, type) => {
    const value = (read: FirstAmount) => read(accountId, type);
    switch (type) {
      case "SavingsPlanCoveredUsage":
        return value(savingsPlan);
      case "SavingsPlanRecurringFee":
        return subtractDecimal(toDecimal(value(commitment)), toDecimal(value(used)));
      case "SavingsPlanNegation":
      case "SavingsPlanUpfrontFee":
        return 0;
      case "DiscountedUsage":
        return value(reserved);
      case "RIFee":
        return addDecimal(toDecimal(value(unusedUpfront)), toDecimal(value(unusedRecurring)));
      case "Fee":
        // The upfront fee of a reservation is spread over its term.
        return isReservation() ? 0 : value(unblended);
      default:
        return value(unblended);
    }
  };
}

type FirstAmount = (accountId: string, type: string) => Amount;

/** The amount in the first of these columns that has one. */
function firstAmount(cells: Cells, columns: readonly string[]): FirstAmount {
  const readers = columns.map((column) => ({
    isThere: cells.isThere(column),
    amount: cells.amount(column),
  }));
  return (accountId, type) => {
    for (const { isThere, amount } of readers) if (isThere()) return amount(accountId);
    // Taken for nothing, what a plan covers would be free.
    throw new RowRefused(
      accountId,
      `a row of type ${type} has no ${columns.at(-1)}: export that column, too`,
    );
  };
}
