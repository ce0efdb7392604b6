import { type Amount, isNegative } from "./amounts.ts";
import type { Category } from "./cost-row.ts";
import type { RowFormat } from "./row-format.ts";

const isAws = (provider: string) => /^(aws|amazon(\.com)?|amazon web services.*)$/i.test(provider);

/** AWS sells through some twenty companies of its own, each with Amazon in its name. */
const isAmazon = (publisher: string) => /^(aws|amazon)\b/i.test(publisher);

/**
 * FOCUS 1.0, 1.1 and 1.2, which name what we read alike; 1.2 adds InvoiceId (protocol-facts E4).
 *
 * A row counts on the day on which its charge period begins, also a fee or a tax for the whole
 * month, and a correction counts in the period that it corrects: as in Cost Explorer, so that the
 * sources agree.
 */
export const focusRows: RowFormat = {
  title: "FOCUS",
  required: [
    "BilledCost",
    "EffectiveCost",
    "BillingCurrency",
    "ChargeCategory",
    "ChargePeriodStart",
    "ProviderName",
    "SubAccountId",
  ],
  optional: ["PublisherName", "BillingAccountId", "InvoiceId"],
  tags: ["Tags"],
  reader(cells) {
    const isAwsRow = cells.of("ProviderName", isAws);
    const subAccountId = cells.text("SubAccountId");
    const billingAccountId = cells.text("BillingAccountId");
    const tag = cells.tag("Tags");
    const day = cells.day("ChargePeriodStart");
    const category = cells.text("ChargeCategory");
    const isOthers = cells.of("PublisherName", (name) => name !== "" && !isAmazon(name));
    const currency = cells.text("BillingCurrency");
    const billedCost = cells.amount("BilledCost");
    const effectiveCost = cells.amount("EffectiveCost");
    const isFinal = cells.of("InvoiceId", (id) => id !== "");
    return () => {
      if (!isAwsRow()) return undefined;
      const accountId = subAccountId() || billingAccountId();
      const billed = billedCost(accountId);
      return {
        accountId,
        tag: tag(),
        day: day(accountId),
        category: categoryOf(category(), isOthers(), billed),
        currency: currency(),
        billed,
        effective: effectiveCost(accountId),
        isFinal: isFinal(),
      };
    };
  },
};

/**
 * What another publisher sells is a Marketplace charge whatever its category: our own fee must not
 * enter its own base. AWS leaves the publisher out of some of its own rows. A purchase (a
 * reservation's fee, support) is cost like usage: BilledCost holds it, EffectiveCost its share.
 */
function categoryOf(category: string, isOthers: boolean, billed: Amount): Category {
  if (isOthers) return "Marketplace";
  if (category === "Tax" || category === "Credit") return category;
  return category === "Adjustment" && isNegative(billed) ? "Refund" : "Usage";
}
