import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "A record that is sent again gets today's quantity instead of the sealed one.",
  changes: [
    {
      file: "metering/meter-license.ts",
      find: `    if (item !== undefined) toSend.push({ license, key, item });`,
      replace: `    if (item !== undefined) {
      const now = deps.clock.now();
      const months = monthsBetween(monthOf(license.activatedAt ?? now), monthOf(now));
      const rating = { license, terms, freeTrialEndsAt: undefined, months, now };
      const amounts = (await rateLicense(deps, rating)).filter((a) => a.dimension === dimension);
      const rated = amounts.reduce((sum, { usd }) => sum + usd, 0n);
      const units = (rated - item.committedBefore) / item.unitPrice;
      const quantity = units > 0n && units < 2_000_000_000n ? Number(units) : item.quantity;
      toSend.push({ license, key, item: { ...item, quantity } });
    }`,
    },
  ],
};
