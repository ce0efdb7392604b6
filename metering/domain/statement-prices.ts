import { type Month, monthPeriod } from "./calendar.ts";
import type { Instant, License } from "./license.ts";
import { usdText } from "./money.ts";
import { offerAt, offerTerms, type PriceList, unitPriceAt } from "./prices.ts";
import type { StatementPrice } from "./statement.ts";

interface PricesInput {
  readonly license: License;
  readonly prices: PriceList;
  readonly month: Month;
  readonly now: Instant;
}

/** What a unit of each dimension cost within the month, and since when; each change is a line. */
export function priceLines(
  { license, prices, month, now }: PricesInput,
  dimensions: readonly string[],
): StatementPrice[] {
  const { start, end } = monthPeriod(month);
  return dimensions.flatMap((dimension) => {
    const steps = [...prices.dimensions, ...prices.offers.flatMap((offer) => offer.prices)]
      .filter((each) => each.dimension === dimension)
      .flatMap((each) => each.steps.map(({ from }) => from));
    const changes = [...steps, ...offerTerms(license).map(({ since }) => since)];
    const within = changes.filter((at) => at > start && at < Math.min(end, now));
    const lines: StatementPrice[] = [];
    for (const at of [start, ...new Set(within.sort((a, b) => a - b))]) {
      const price = unitPriceAt(prices, license, dimension, at);
      if (price === undefined) continue;
      const offerId = offerAt(license, at);
      const line = {
        dimension,
        unitPriceUsd: usdText(price),
        ...(at === start ? {} : { from: new Date(at).toISOString() }),
        ...(offerId === undefined ? {} : { offerId }),
      };
      const before = lines.at(-1);
      if (before?.unitPriceUsd === line.unitPriceUsd && before.offerId === line.offerId) continue;
      lines.push({ ...line, words: words(line) });
    }
    return lines;
  });
}

function words({ dimension, unitPriceUsd, from, offerId }: Omit<StatementPrice, "words">): string {
  const since = from === undefined ? "" : ` from ${from}`;
  const by = offerId === undefined ? "" : `, by offer ${offerId}`;
  return `$${unitPriceUsd} for one unit of ${dimension}${since}${by}`;
}
