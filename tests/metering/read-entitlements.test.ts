import { GetEntitlementsCommand } from "@aws-sdk/client-marketplace-entitlement-service";
import { describe, expect, it } from "vitest";
import { awsEntitlements } from "../../metering/adapters/aws-entitlements.ts";
import { memoryEntitlements } from "../../metering/adapters/memory-entitlements.ts";
import { DAY, HOUR, monthOf, monthPeriod } from "../../metering/domain/calendar.ts";
import type { Charge, PerUnit } from "../../metering/domain/charges.ts";
import { entitledUnits } from "../../metering/domain/entitlement.ts";
import type { License } from "../../metering/domain/license.ts";
import { decimalText } from "../../metering/domain/money.ts";
import { termsOf } from "../../metering/domain/terms.ts";
import type { Alarm } from "../../metering/ports.ts";
import { readEntitlements } from "../../metering/read-entitlements.ts";
import type { FaultKind } from "../../sandbox/faults.ts";
import type { Entitlement } from "../../sandbox/marketplace/state.ts";
import { aFee, aLicense, aPlan, at, BUYER } from "./fixtures.ts";
import { wireWorld } from "./wire-world.ts";

const START = at("2026-03-10T09:00:00Z");
const NEXT_YEAR = at("2027-03-10T09:00:00Z");

const overage: PerUnit = {
  id: "overage",
  kind: "perUnit",
  dimension: "cents",
  meter: "seats",
  unitPrice: "2",
  entitled: true,
  entitledBy: "seats",
};

const granting = (value: Entitlement["value"], over: Partial<Entitlement> = {}): Entitlement => ({
  dimension: "seats",
  value,
  expiresAt: NEXT_YEAR,
  ...over,
});

const fault = (kind: FaultKind, count: number) =>
  ({ service: "aws-marketplace", action: "GetEntitlements", kind, count }) as const;

/** A contract's buyer in the sandbox, read with the real SDK's client. */
async function aContract(...charges: readonly Charge[]) {
  const world = await wireWorld(START);
  const license = await world.subscribe();
  const alarms: Alarm[] = [];
  const entitlements = memoryEntitlements();
  const deps = {
    clock: world.clock,
    entitlements,
    entitlementSource: awsEntitlements((input) =>
      world.aws.entitlements().send(new GetEntitlementsCommand(input)),
    ),
    alarms: { raise: (alarm: Alarm) => void alarms.push(alarm) },
  };
  const terms = termsOf(license, [
    { plan: aPlan(...(charges.length === 0 ? [overage] : charges)), since: 0 },
  ]);
  return {
    ...world,
    license,
    alarms,
    pass: (ms: number) => world.control.moveClock({ advanceBy: ms }),
    read: (of: License = license) => readEntitlements(deps, { license: of, terms }),
    grant: (...granted: Entitlement[]) => world.control.setEntitlements(license.licenseId, granted),
    async included(dimension = "seats") {
      const month = monthPeriod(monthOf(world.clock.now()));
      const periods = await entitlements.periods(license.licenseId);
      const entitled = entitledUnits(periods, dimension, month);
      return entitled.kind === "units" ? decimalText(entitled.units) : entitled.kind;
    },
  };
}

describe("Reading entitlements from AWS", () => {
  it("finds all values of all dimensions, as numbers where they are any", async () => {
    const contract = await aContract();
    await contract.grant(
      granting(500),
      granting(2.5, { dimension: "storage" }),
      granting(true, { dimension: "support" }),
      granting(false, { dimension: "audit" }),
      granting("gold", { dimension: "tier" }),
    );

    expect(await contract.read()).toBe("changed");

    expect(await contract.included()).toBe("500");
    expect(await contract.included("storage")).toBe("2.5");
    expect(await contract.included("support")).toBe("unlimited");
    expect(await contract.included("audit")).toBe("0");
    expect(await contract.included("tier")).toBe("unlimited");
    expect(await contract.included("other")).toBe("0");
    expect(contract.alarms.map(({ dimension }) => dimension)).toEqual(["support", "tier"]);
  });

  it("reads on after an empty page and to the last one", async () => {
    const contract = await aContract();
    await contract.control.setFaults([fault("empty-page", 2)]);
    // More than a page of another license's come before ours.
    await contract.control.subscribe({
      entitlements: Array.from({ length: 30 }, (_, n) => granting(1, { dimension: `d${n}` })),
    });
    await contract.grant(
      ...Array.from({ length: 30 }, (_, n) => granting(n + 1, { dimension: `own${n}` })),
    );

    expect(await contract.read()).toBe("changed");

    expect(await contract.included("own29")).toBe("30");
    expect(await contract.included("d0")).toBe("0");
  });

  it("takes only what is the license's own, also of the same buyer", async () => {
    const contract = await aContract();
    await contract.control.subscribe({ accountId: BUYER, entitlements: [granting(900)] });
    await contract.grant(granting(5));

    await contract.read();

    expect(await contract.included()).toBe("5");
  });
});

describe("What AWS answers", () => {
  const { licenseId, licenseArn, productCode } = aLicense();
  const which = { licenseId, licenseArn, productCode };

  it("is asked for by license, and counts for no other one that AWS might list", async () => {
    const asked: unknown[] = [];
    const source = awsEntitlements(async (input) => {
      asked.push(input);
      const LicenseArn = licenseArn.replace(/.$/, "0");
      const seats = { Dimension: "seats", Value: { IntegerValue: 7 } };
      return {
        Entitlements: [
          { ...seats, LicenseArn },
          { ...seats, LicenseArn: licenseArn },
        ],
      };
    });

    expect(await source.read(which)).toEqual({
      kind: "read",
      granted: [{ dimension: "seats", units: "7", expiresAt: undefined }],
    });
    expect(asked).toEqual([{ ProductCode: productCode, Filter: { LICENSE_ARN: [licenseArn] } }]);
  });

  it("includes nothing below zero, and no limit where the number is none", async () => {
    const values = [{ IntegerValue: -5 }, { DoubleValue: Infinity }, { DoubleValue: 1e-7 }, {}];
    const source = awsEntitlements(async () => ({
      Entitlements: values.map((Value) => ({ Dimension: "seats", Value })),
    }));

    const reading = await source.read(which);

    expect(reading.kind === "read" && reading.granted.map(({ units }) => units)).toEqual([
      "0",
      undefined,
      "0.0000001",
      undefined,
    ]);
  });

  it("that it refuses is said with what to do, and a listing without end is given up", async () => {
    const denied = awsEntitlements(async () => {
      throw Object.assign(new Error("no"), { name: "AccessDeniedException" });
    });
    const endless = awsEntitlements(async () => ({ NextToken: "more" }));

    expect(await denied.read(which)).toMatchObject({
      kind: "unreadable",
      message: expect.stringContaining("aws-marketplace:GetEntitlements: allow it") as string,
    });
    expect(await endless.read(which)).toMatchObject({ kind: "unreadable" });
  });
});

describe("A contract's included units", () => {
  it("are read again after a day, not before, and at once after License Updated", async () => {
    const contract = await aContract();
    const { license, clock } = contract;
    await contract.grant(granting(500));
    expect(await contract.read()).toBe("changed");
    await contract.grant(granting(800));

    await contract.pass(1 * HOUR);
    expect(await contract.read()).toBe("not-due");
    const updates = { "agmt-1": { first: START, newest: clock.now() } };
    const updated = { ...license, lifecycle: { updates, agreementEnds: {} } };
    expect(await contract.read(updated)).toBe("changed");
    expect(await contract.included()).toBe("800");
    await contract.pass(24 * HOUR);
    expect(await contract.read(updated)).toBe("unchanged");
  });

  it("are none in the months after the contract ended", async () => {
    const contract = await aContract();
    await contract.grant(granting(500, { expiresAt: START + 5 * DAY }));
    await contract.read();

    await contract.pass(121 * HOUR);

    expect(await contract.read()).toBe("changed");
    expect(await contract.included()).toBe("500");
    await contract.pass(600 * HOUR);
    expect(await contract.included()).toBe("0");
  });

  it("stay known when AWS doesn't answer, with one alarm", async () => {
    const contract = await aContract();
    await contract.grant(granting(500));
    await contract.read();
    await contract.control.setFaults([fault("error", 99)]);

    await contract.pass(24 * HOUR);
    expect(await contract.read()).toBe("unreadable");
    expect(await contract.read()).toBe("not-due");
    await contract.pass(1 * HOUR);
    expect(await contract.read()).toBe("unreadable");

    expect(await contract.included()).toBe("500");
    expect(contract.alarms.map(({ kind }) => kind)).toEqual(["entitlements-unreadable"]);
  });

  it("are unknown, and so nothing is overage, until a reading succeeds", async () => {
    const contract = await aContract();
    await contract.control.setFaults([fault("error", 99)]);

    expect(await contract.read()).toBe("unreadable");
    expect(await contract.included()).toBe("unknown");

    await contract.control.setFaults([]);
    await contract.pass(1 * HOUR);
    expect(await contract.read()).toBe("unchanged");
    expect(await contract.included()).toBe("0");
  });

  it("are never asked for by a plan that doesn't count them, nor for a license that is gone", async () => {
    const other = await aContract(aFee);
    expect(await other.read()).toBe("not-due");

    const contract = await aContract();
    const gone = { ...contract.license, endedAt: START - 2 * HOUR };
    expect(await contract.read(gone)).toBe("not-due");
  });
});
