import type { Charge, Plan } from "../../metering/domain/charges.ts";
import type { DimensionPrices, Offer } from "../../metering/domain/prices.ts";
import type { PlanVersion } from "../../metering/domain/terms.ts";
import { DAY, HOUR } from "./oracle/spans.ts";
import type { Random } from "./random.ts";

export const DIMENSIONS = ["cents", "fee", "units"] as const;
export const METER = "minutes";

/** Two or three plans of any charges; some are worded anew at a midnight. */
export function randomPlans(random: Random, start: number, end: number): PlanVersion[] {
  return ["a", "b", "c"].slice(0, random.between(1, 3)).flatMap((id) => {
    const plan = randomPlan(random, id);
    const versions: PlanVersion[] = [{ plan, since: 0 }];
    if (random.chance(0.3)) {
      const since = Math.ceil(random.between(start, end) / DAY) * DAY;
      const charges = plan.charges.map((charge) => reworded(random, charge));
      versions.push({ plan: { ...plan, charges }, since });
    }
    return versions;
  });
}

function randomPlan(random: Random, id: string): Plan {
  const kinds = [
    ...(random.chance(0.6) ? ["percentageOfCost"] : []),
    ...(random.chance(0.45) ? ["license"] : []),
    ...(random.chance(0.4) ? ["perUnit"] : []),
    ...(random.chance(0.15) ? ["oneTime"] : []),
    ...(random.chance(0.2) ? ["minimumSpend"] : []),
  ];
  const charges = (kinds.length === 0 ? ["license"] : kinds).map((kind) =>
    randomCharge(random, kind, id),
  );
  const trial = { days: random.between(1, 12), graceDays: random.between(0, 3) };
  return {
    ...{ id, title: id, summary: "", charges },
    ...(random.chance(0.12) ? { trial } : {}),
  };
}

function randomCharge(random: Random, kind: string, plan: string): Charge {
  const dimension = random.pick(DIMENSIONS);
  const id = `${kind}-${plan}`;
  const maybe = <T extends object>(probability: number, some: T): T | object =>
    random.chance(probability) ? some : {};
  const bounds = {
    ...maybe(0.3, { minimum: random.pick(["31", "120.5", "60"]) }),
    ...maybe(0.25, { cap: random.pick(["150", "400", "999.99"]) }),
  };
  switch (kind) {
    case "percentageOfCost": {
      const step = (above: string) => ({ above, percent: random.pick(["0", "1.25", "40"]) });
      return {
        ...{ id, kind, dimension, ...bounds },
        percent: random.pick(["20", "3", "12.5", "100"]),
        ...maybe(0.3, { tiers: [step("95.5"), step("700")] }),
        costMetric: "BilledCost",
        costScope: random.pick(["account", "tag"]),
        exclude: random.pick([["Tax", "Credit", "Refund", "Marketplace"], []]),
      };
    }
    case "perUnit": {
      const step = (above: string) => ({ above, unitPrice: random.pick(["0.01", "0", "7"]) });
      return {
        ...{ id, kind, dimension, meter: METER, ...bounds },
        unitPrice: random.pick(["0.15", "0.00000033", "2"]),
        ...random.pick([{}, {}, { included: "40.5" }, { entitled: true }]),
        ...maybe(0.3, { tiers: [step("60"), step("333.3")] }),
      };
    }
    case "oneTime":
      return { id, kind, dimension, amount: random.pick(["499", "0.07"]) };
    case "minimumSpend":
      return { id, kind, dimension, perMonth: random.pick(["310", "49.99"]) };
    default:
      return {
        ...{ id, kind: "license", dimension },
        perMonth: random.pick(["19", "0.01", "4999.99"]),
        proration: random.pick(["none", "daily", "hourly"]),
      };
  }
}

/** The same charge with other figures: it never counts for what was before. */
function reworded(random: Random, charge: Charge): Charge {
  if (random.chance(0.4)) return charge;
  switch (charge.kind) {
    case "percentageOfCost":
      return { ...charge, percent: random.pick(["7", "35"]) };
    case "license":
      return { ...charge, perMonth: random.pick(["23", "5100"]) };
    case "perUnit":
      return { ...charge, unitPrice: random.pick(["0.2", "1"]) };
    case "oneTime":
      return charge;
    case "minimumSpend":
      return { ...charge, perMonth: "77" };
  }
}

/** What a unit costs, changed on the hour now and then. */
export function randomPrices(random: Random, start: number, end: number): DimensionPrices[] {
  return DIMENSIONS.map((dimension) => {
    const price = () => random.pick(["0.002", "0.01", "0.001", "0.00000007", "1"]);
    const steps = [{ from: 0, unitPrice: price() }];
    if (random.chance(0.4)) {
      const from = Math.ceil(random.between(start, end) / HOUR) * HOUR;
      steps.push({ from, unitPrice: price() });
    }
    return { dimension, steps };
  });
}

export function randomOffers(random: Random): Offer[] {
  const steps = [{ from: 0, unitPrice: random.pick(["0.004", "0.0025"]) }];
  return [
    { offerId: "offer-public", prices: [] },
    { offerId: "offer-own-price", prices: [{ dimension: random.pick(DIMENSIONS), steps }] },
    { offerId: "offer-trial", prices: [], freeTrialDays: random.between(1, 20) },
  ];
}
