import type { Category } from "./cost-totals.ts";
import type { CellReaders, RowFormat } from "./row-format.ts";
import { remember } from "./remember.ts";

const isAws = remember((provider) =>
  /^(aws|amazon(\.com)?|amazon web services.*)$/i.test(provider),
);

/** AWS sells through some twenty companies of its own, each with Amazon in its name. */
const isAmazon = remember((publisher) => /^(aws|amazon)\b/i.test(publisher));

/**
 * FOCUS 1.0, 1.1 and 1.2, which name what we read alike; 1.2 adds InvoiceId (protocol-facts E4).
 *
 * A row counts on the day on which its charge period begins, also a fee or a tax for the whole
 * month, and a correction counts in the period that it corrects: as in Cost Explorer, so that the
 * sources agree.
 */
export function focusRows(cells: CellReaders): RowFormat {
  return {
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
    read(text) {
      if (!isAws(text("ProviderName"))) return undefined;
      const accountId = text("SubAccountId") || text("BillingAccountId");
      const billedText = text("BilledCost");
      const effectiveText = text("EffectiveCost");
      const billed = cells.amount(accountId, "BilledCost", billedText);
      return {
        accountId,
        tag: cells.tag(text("Tags")),
        day: cells.day(accountId, "ChargePeriodStart", text("ChargePeriodStart")),
        category: categoryOf(text("ChargeCategory"), text("PublisherName"), billed.digits < 0n),
        currency: text("BillingCurrency"),
        billed,
        effective:
          effectiveText === billedText
            ? billed
            : cells.amount(accountId, "EffectiveCost", effectiveText),
        isFinal: text("InvoiceId") !== "",
      };
    },
  };
}

/**
 * What another publisher sells is a Marketplace charge whatever its category: our own fee must not
 * enter its own base. AWS leaves the publisher out of some of its own rows. A purchase (a
 * reservation's fee, support) is cost like usage: BilledCost holds it, EffectiveCost its share.
 */
function categoryOf(category: string, publisher: string, isNegative: boolean): Category {
  if (publisher !== "" && !isAmazon(publisher)) return "Marketplace";
  if (category === "Tax" || category === "Credit") return category;
  return category === "Adjustment" && isNegative ? "Refund" : "Usage";
}
