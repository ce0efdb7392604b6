import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { monthPeriod } from "../../metering/domain/calendar.ts";
import type { Plan } from "../../metering/domain/charges.ts";
import type { CostDay, CostMonth } from "../../metering/domain/cost.ts";
import { decimalText, usdText } from "../../metering/domain/money.ts";
import { countedCost } from "../../metering/domain/counted-cost.ts";
import { changeableMonths } from "../../metering/domain/open-months.ts";
import { rate, type RatingInput } from "../../metering/domain/rating.ts";
import { livePeriod } from "../../metering/domain/uses.ts";
import { aDeployment, aFee, aLicense, aPlan, aShare, at } from "./fixtures.ts";

const usage = (usd: string): CostDay => ({ estimated: false, usd: { Usage: usd } });

function costs(days: Record<string, string | CostDay>, over: Partial<CostMonth> = {}): CostMonth {
  return {
    deploymentId: "d-1",
    metric: "BilledCost",
    scope: "account",
    month: Object.keys(days)[0]?.slice(0, 7) ?? "2026-02",
    observedAt: 1,
    days: Object.fromEntries(
      Object.entries(days).map(([day, usd]) => [day, typeof usd === "string" ? usage(usd) : usd]),
    ),
    ...over,
  };
}

function rated({
  plan = aPlan(aShare),
  ...over
}: Partial<RatingInput> & { plan?: Plan }): Record<string, string> {
  const license = over.license ?? aLicense();
  const amounts = rate({
    license,
    terms: [{ plan, period: livePeriod(license, Infinity) }],
    deployments: [aDeployment()],
    usage: [],
    entitlements: [],
    costs: [],
    months: ["2026-02"],
    now: at("2026-03-05T12:00:00Z"),
    ...over,
  });
  return Object.fromEntries(
    amounts.map(({ chargeId, month, usd }) => [`${chargeId} ${month}`, usdText(usd)]),
  );
}

const DAYS = { "2026-02-09": "1", "2026-02-10": "10", "2026-02-11": "100", "2026-02-12": "1000" };

describe("a percentage of an account's cost", () => {
  it("counts whole UTC days after activation and registration only", () => {
    expect(rated({ costs: [costs(DAYS)] })).toEqual({ "share 2026-02": "220" });
  });

  it("counts a day that begins at the very instant of activation and registration", () => {
    const since = at("2026-02-10T00:00:00Z");
    const license = aLicense({ activatedAt: since, plan: { id: "plan", since } });
    const deployments = [aDeployment({ registeredAt: since })];

    expect(rated({ license, deployments, costs: [costs(DAYS)] })["share 2026-02"]).toBe("222");
  });

  it("counts nothing from before the plan was picked", () => {
    const license = aLicense({ plan: { id: "plan", since: at("2026-02-11T00:00:01Z") } });

    expect(rated({ license, costs: [costs(DAYS)] })["share 2026-02"]).toBe("200");
  });

  it("counts nothing of the day on which the license ended", () => {
    const license = aLicense({ endedAt: at("2026-02-12T23:59:59Z") });

    expect(rated({ license, costs: [costs(DAYS)] })["share 2026-02"]).toBe("20");
  });

  it("counts nothing from the day on which the stack was seen gone", () => {
    const deployments = [aDeployment({ goneAt: at("2026-02-12T10:00:00Z") })];

    expect(rated({ deployments, costs: [costs(DAYS)] })["share 2026-02"]).toBe("20");
  });

  it("does not stop at a Delete that only proves an account", () => {
    const deployments = [aDeployment({ state: "ended", endedAt: at("2026-02-11T10:00:00Z") })];

    expect(rated({ deployments, costs: [costs(DAYS)] })["share 2026-02"]).toBe("220");
  });

  it("leaves out what the rule excludes, and says how much that was", () => {
    const day: CostDay = {
      estimated: true,
      usd: { Usage: "100", Tax: "19", Credit: "-50", Refund: "-1.5", Marketplace: "30" },
    };
    const input = {
      deployments: [aDeployment()],
      costs: [costs({ "2026-02-11": day, "2026-02-12": day })],
    };
    const february = monthPeriod("2026-02");
    const counted = countedCost(aShare, input, [february], february);

    expect(decimalText(counted.total)).toBe("200");
    expect(counted.days.map(({ estimated }) => estimated)).toEqual([true, true]);
    expect(
      Object.fromEntries([...counted.excluded].map(([name, usd]) => [name, decimalText(usd)])),
    ).toEqual({ Tax: "38", Credit: "-100", Refund: "-3", Marketplace: "60" });

    const gross = countedCost({ ...aShare, exclude: ["Tax"] }, input, [february], february);
    expect(decimalText(gross.total)).toBe("157");
  });

  it("looks at its own metric and scope only", () => {
    const others = [
      costs(DAYS, { metric: "EffectiveCost" }),
      costs(DAYS, { scope: "tag" }),
      costs(DAYS, { deploymentId: "d-of-another" }),
    ];

    expect(rated({ costs: others })["share 2026-02"]).toBe("0");
  });

  it("comes to less than zero when AWS restates a month below zero", () => {
    expect(rated({ costs: [costs({ "2026-02-11": "-0.000000000001" })] })["share 2026-02"]).toBe(
      "-0.000000000001",
    );
  });
});

describe("an account in which stacks come and go", () => {
  const noonToNoon = (pauseMs: number) =>
    ["2026-02-09", "2026-02-10", "2026-02-11", "2026-02-12"].map((day, index) =>
      aDeployment({
        deploymentId: `d-${index}`,
        registeredAt: at(`${day}T12:00:00Z`) + pauseMs,
        state: "ended",
        goneAt: at(`${day}T12:00:00Z`) + 86_400_000,
      }),
    );
  const read = (deployments: readonly { deploymentId: string }[]) =>
    deployments.map(({ deploymentId }, index) =>
      costs(DAYS, { deploymentId, observedAt: index + 1 }),
    );

  it.each([0, 60_000, 23 * 3_600_000])(
    "counts its days although no one stack was there for a whole one (pause of %i ms)",
    (pause) => {
      const deployments = noonToNoon(pause);
      const result = rated({ deployments, costs: read(deployments) });
      // 20 % of the 11th and 12th; the license's plan begins within the 10th.
      expect(result).toEqual({ "share 2026-02": "220" });
    },
  );

  it("counts a day once, by the newest figure, however many stacks have read it", () => {
    const deployments = noonToNoon(0);
    const late = costs({ "2026-02-11": "500" }, { deploymentId: "d-3", observedAt: 9 });
    const result = rated({ deployments, costs: [...read(deployments), late] });
    expect(result).toEqual({ "share 2026-02": "300" });
  });

  it("leaves out what lies between two uses that are a day or more apart", () => {
    const deployments = noonToNoon(0).filter((_, index) => index !== 2);
    expect(rated({ deployments, costs: read(deployments) })).toEqual({ "share 2026-02": "0" });
  });

  it("is not in use by a stack that nobody has confirmed", () => {
    const stranger = aDeployment({ state: "awaiting-confirmation" });
    expect(rated({ deployments: [stranger], costs: [costs(DAYS)] })["share 2026-02"]).toBe("0");
  });
});

describe("a percentage of what carries the deployment's tag", () => {
  const plan = aPlan({ ...aShare, costScope: "tag" });
  const tagged = [costs(DAYS, { scope: "tag" })];

  it("counts the deployment's first and last day, because nothing else carries its tag", () => {
    const since = at("2026-02-10T00:00:00Z");
    const license = aLicense({ activatedAt: since, plan: { id: "plan", since } });
    const deployments = [aDeployment({ goneAt: at("2026-02-11T10:00:00Z") })];

    expect(rated({ plan, license, deployments, costs: tagged })["share 2026-02"]).toBe("22");
  });

  it("still counts only whole days of the license", () => {
    expect(rated({ plan, costs: tagged })["share 2026-02"]).toBe("220");
  });
});

it("sums a license's deployments and days before it floors once", () => {
  const sliver = "0.000000000002"; // 20 % is 0.4 pico-dollars: floored one by one it is nothing.
  const deployments = [
    aDeployment(),
    aDeployment({ deploymentId: "d-2", accountId: "444455556666" }),
  ];
  const each = { "2026-02-11": sliver, "2026-02-12": sliver, "2026-02-13": sliver };

  expect(
    rated({ deployments, costs: [costs(each), costs(each, { deploymentId: "d-2" })] }),
  ).toEqual({ "share 2026-02": "0.000000000002" });
});

it("gives the same amount whatever order the figures come in", () => {
  const day = fc.integer({ min: 11, max: 28 }).map((n) => `2026-02-${n}`);
  const usd = fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }).map((n) => `${n}E-14`);
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(day, usd), { selector: ([d]) => d }), (figures) => {
      const amount = (of: typeof figures) => rated({ costs: [costs(Object.fromEntries(of))] });
      expect(amount(figures)).toEqual(amount(figures.toReversed()));
    }),
  );
});

describe("a license fee", () => {
  const whole = (month: string) => {
    const since = at(`${month}-01T00:00:00Z`);
    return aLicense({ activatedAt: since, plan: { id: "plan", since } });
  };
  const fee = (over: Partial<typeof aFee>, input: Partial<RatingInput>) =>
    Object.values(rated({ plan: aPlan({ ...aFee, ...over }), ...input }))[0];

  it.each(["2026-02", "2028-02", "2026-04", "2026-03"])(
    "comes to the whole fee for the whole of %s, however it is prorated",
    (month) => {
      const input = { license: whole(month), months: [month], now: at("2030-01-01T00:00:00Z") };

      for (const proration of ["none", "daily", "hourly"] as const) {
        expect(fee({ proration }, input)).toBe("19");
      }
    },
  );

  it.each([
    ["2026-02", "0.678571428571"],
    ["2028-02", "0.655172413793"],
    ["2026-04", "0.633333333333"],
    ["2026-03", "0.612903225806"],
  ])("by the day is a day's share of %s, floored", (month, usd) => {
    const now = at(`${month}-02T23:59:59Z`);

    expect(fee({}, { license: whole(month), months: [month], now })).toBe(usd);
  });

  it("by the hour counts whole hours between activation and now", () => {
    const at1130 = { months: ["2026-02"], now: at("2026-02-10T11:30:00Z") };

    // 09:00–11:00 of 672 hours.
    expect(fee({ proration: "hourly", perMonth: "672" }, at1130)).toBe("2");
  });

  it("by the day counts no day that was only touched", () => {
    const input = { months: ["2026-02"], now: at("2026-02-11T23:59:59Z") };

    expect(fee({}, input)).toBe("0");
    expect(fee({ perMonth: "28" }, { ...input, now: at("2026-02-12T00:00:00Z") })).toBe("1");
  });

  it("without proration is owed whole from the first whole hour of each month", () => {
    const now = at("2026-02-10T10:00:00Z");

    expect(fee({ proration: "none" }, { months: ["2026-02"], now })).toBe("19");
    expect(
      fee({ proration: "none" }, { months: ["2026-02"], now: at("2026-02-10T09:59:00Z") }),
    ).toBe("0");
    expect(fee({ proration: "none" }, { months: ["2026-03"], now })).toBe("0");
  });

  it("does not depend on a deployment, and stops with the license", () => {
    const license = { ...whole("2026-02"), endedAt: at("2026-02-15T12:00:00Z") };

    expect(fee({ perMonth: "28" }, { license, deployments: [] })).toBe("14");
  });
});

describe("the months that may still change", () => {
  const months = (since: string, now: string) => changeableMonths(at(since), at(now));

  it("are this one and, until the 15th, the one before", () => {
    expect(months("2026-03-15T23:00:00Z", "2026-03-15T23:59:59Z")).toEqual(["2026-02", "2026-03"]);
    expect(months("2026-03-16T00:00:00Z", "2026-03-16T00:00:00Z")).toEqual(["2026-03"]);
    expect(months("2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z")).toEqual(["2026-12", "2027-01"]);
  });

  it("reach back to the last computation after a long gap", () => {
    expect(months("2025-11-20T00:00:00Z", "2026-02-20T00:00:00Z")).toEqual([
      "2025-11",
      "2025-12",
      "2026-01",
      "2026-02",
    ]);
  });
});
