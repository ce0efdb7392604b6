import { describe, expect, it } from "vitest";
import { DAY } from "../../metering/domain/calendar.ts";
import { waitingDeployments } from "../../metering/domain/waiting-deployments.ts";
import { aDeployment, at } from "./fixtures.ts";

describe("A deployment in another account", () => {
  const registeredAt = at("2026-03-01T10:00:00Z");
  const waiting = aDeployment({ state: "awaiting-confirmation", registeredAt });

  it("is told of when nobody has decided on it for a day, and not before", () => {
    expect(waitingDeployments([waiting], registeredAt + DAY - 1)).toEqual([]);
    expect(waitingDeployments([waiting], registeredAt + DAY)).toEqual([waiting]);
  });

  it("is not told of once it was let in or turned away", () => {
    const decided = (["active", "ended"] as const).map((state) => ({ ...waiting, state }));

    expect(waitingDeployments(decided, registeredAt + 9 * DAY)).toEqual([]);
  });
});
