import fc from "fast-check";
import { expect, it } from "vitest";
import type { ClosedMonths } from "../../metering/domain/chain.ts";
import { firstNeededMonth, ratedMoney } from "../../metering/domain/rated-money.ts";
import type { RatedAmount } from "../../metering/domain/rating.ts";
import { at } from "./fixtures.ts";

const amount = (month: string, usd: bigint, phase?: "trial"): RatedAmount => ({
  chargeId: "share",
  dimension: "cents",
  month,
  usd,
  ...(phase === undefined ? {} : { phase }),
});

it("closes a month on the 16th of the next, and not before", () => {
  const amounts = [amount("2026-01", 5n), amount("2026-02", 7n)];
  const before = ratedMoney(undefined, amounts, at("2026-02-15T23:59:59Z"));
  const after = ratedMoney(undefined, amounts, at("2026-02-16T00:00:00Z"));

  expect(before).toMatchObject({ usd: 12n, closed: undefined });
  expect(after).toMatchObject({ usd: 12n, closed: { through: "2026-01", usd: 5n } });
  expect(firstNeededMonth(after.closed)).toBe("2026-02");
});

it("never looks again at a month that is closed, whatever it would come to now", () => {
  const closed: ClosedMonths = { through: "2026-01", usd: 5n, trialUsd: 1n };
  const amounts = [amount("2026-01", 999n), amount("2026-02", 7n), amount("2026-02", 2n, "trial")];

  expect(ratedMoney(closed, amounts, at("2026-02-20T00:00:00Z"))).toMatchObject({
    usd: 12n,
    trialUsd: 3n,
    closed,
  });
});

it("keeps what is closed when a clock lags behind the one that closed it", () => {
  const closed: ClosedMonths = { through: "2026-02", usd: 5n, trialUsd: 0n };

  expect(ratedMoney(closed, [], at("2026-03-15T23:00:00Z"))).toMatchObject({ usd: 5n, closed });
});

it("comes to the same total whenever the months are closed", () => {
  const months = ["2026-01", "2026-02", "2026-03", "2026-04"];
  const usds = fc.array(fc.bigInt({ min: -1_000n, max: 1_000n }), { minLength: 4, maxLength: 4 });
  const moments = fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 6 });
  fc.assert(
    fc.property(usds, moments, (amounts, days) => {
      const all = amounts.map((usd, index) => amount(months[index] ?? "", usd));
      let closed: ClosedMonths | undefined;
      for (const day of [...days].sort((a, b) => a - b)) {
        const money = ratedMoney(closed, all, at("2026-01-05T00:00:00Z") + day * 86_400_000);
        expect(money.usd).toBe(amounts.reduce((sum, usd) => sum + usd, 0n));
        closed = money.closed;
      }
    }),
  );
});
