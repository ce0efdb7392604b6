import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryLedger } from "../../metering/adapters/memory-ledger.ts";
import { memoryLicenses, noLicenses } from "../../metering/adapters/memory-licenses.ts";
import { identifiedBy } from "../../metering/domain/identification.ts";
import type { License } from "../../metering/domain/license.ts";
import { migrateLicense } from "../../metering/migrate-license.ts";
import { aLicense, anItem, at, CENTS, FEE, LICENSE_ID } from "./fixtures.ts";

const HOUR = 3_600_000;
const NOW = at("2026-03-15T12:20:00Z");
const AT = at("2026-03-15T14:00:00Z");

async function aWorld(over: Partial<License> = { legacy: {} }) {
  const licenses = memoryLicenses({ data: noLicenses(), shards: 1 });
  await licenses.update(LICENSE_ID, () => aLicense(over));
  const ledger = memoryLedger();
  let now = NOW;
  const deps = { clock: { now: () => now }, licenses, ledger, dimensions: [CENTS, FEE] };
  return {
    ledger,
    licenses,
    moveTo: (instant: number) => void (now = instant),
    migrate: async (instant: number, licenseId = LICENSE_ID) => {
      const migration = await migrateLicense(deps, licenseId, instant);
      return migration.kind === "refused" ? migration.message : migration.kind;
    },
    until: async () => (await licenses.get(LICENSE_ID))?.legacy?.until,
  };
}

describe("the migration of a license", () => {
  it("names the product before the hour and the license from it on", async () => {
    const { migrate, licenses } = await aWorld({ legacy: { customerIdentifier: "customer-1" } });

    expect(await migrate(AT)).toBe("set");
    const license = await licenses.get(LICENSE_ID);
    expect(license?.legacy).toEqual({ until: AT, customerIdentifier: "customer-1" });
    expect(identifiedBy(license ?? {}, AT - HOUR)).toBe("product-code");
    expect(identifiedBy(license ?? {}, AT)).toBe("license-arn");
  });

  it("is refused at an hour that is past, or that a worker may be sealing right now", async () => {
    const { migrate, until } = await aWorld();

    for (const instant of [AT - 4 * HOUR, AT - 2 * HOUR, AT - HOUR]) {
      expect(await migrate(instant)).toMatch(
        /past or too near.*earliest hour now is 2026-03-15T14:00/,
      );
    }
    expect(await until()).toBeUndefined();
  });

  it("is refused inside an hour: AWS bills by the hour", async () => {
    const { migrate } = await aWorld();

    expect(await migrate(AT + 1)).toMatch(/not the start of a UTC hour/);
  });

  it("is refused when a clock ran ahead and the hour is sealed, in any dimension", async () => {
    const { ledger, migrate } = await aWorld();
    const key = { licenseId: LICENSE_ID, dimension: "fee" };
    await ledger.seal(key, anItem({ hour: AT }));

    expect(await migrate(AT)).toMatch(/sealed already/);
    expect(await migrate(AT + HOUR)).toBe("set");
  });

  it("is refused for a license that never was metered by product code, or isn't known", async () => {
    expect(await (await aWorld({})).migrate(AT)).toMatch(/by LicenseArn already/);
    expect(await (await aWorld()).migrate(AT, "l-00000000")).toMatch(/No license l-0+ is known/);
  });

  it("can be moved while it is far enough away, and not any more after", async () => {
    const { migrate, moveTo, until } = await aWorld();
    await migrate(AT + HOUR);

    expect(await migrate(AT)).toBe("set");
    moveTo(AT - HOUR + 1);
    expect(await migrate(AT + 5 * HOUR)).toMatch(/can't be moved any more/);
    expect(await until()).toBe(AT);
  });
});

it("identifies every hour in one way only, and never goes back", () => {
  fc.assert(
    fc.property(fc.nat(100), fc.nat(100), fc.nat(100), (until, one, other) => {
      const license = { legacy: { until: until * HOUR } };
      const [early, late] = [Math.min(one, other) * HOUR, Math.max(one, other) * HOUR];

      expect(identifiedBy(license, early)).toBe(
        early < until * HOUR ? "product-code" : "license-arn",
      );
      if (identifiedBy(license, early) === "license-arn") {
        expect(identifiedBy(license, late)).toBe("license-arn");
      }
      expect(identifiedBy({}, early)).toBe("license-arn");
    }),
  );
});
