import { CostExplorerClient, GetCostAndUsageCommand } from "@aws-sdk/client-cost-explorer";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { sandboxControl } from "../../sandbox/control-client.ts";
import type { Sandbox } from "../../sandbox/create-sandbox.ts";
import { aSandbox, BUYER, clientOf } from "./a-sandbox.ts";

const EXAMPLE = fileURLToPath(new URL("../../sandbox/data/example-focus.csv", import.meta.url));
const DAY_MS = 24 * 3_600_000;
const KEY = "launchmeter:deployment";
const at = (iso: string): number => Date.parse(iso);

/** October's cost, all of it tagged, seen in the middle of October. */
async function taggedCost() {
  const sandbox = await aSandbox({ startAt: at("2026-10-10T00:00:00Z") });
  const control = sandboxControl(sandbox.origin);
  await control.addCostSource({ file: EXAMPLE, accountId: BUYER, tags: { [KEY]: "d-1" } });
  return { sandbox, control };
}

async function days(sandbox: Sandbox, tagged: boolean): Promise<string[]> {
  const client = new CostExplorerClient(clientOf(sandbox, sandbox.buyerCredentials(BUYER)));
  const { ResultsByTime = [] } = await client.send(
    new GetCostAndUsageCommand({
      TimePeriod: { Start: "2026-10-01", End: "2026-11-01" },
      Granularity: "DAILY",
      Metrics: ["UnblendedCost"],
      ...(tagged ? { Filter: { Tags: { Key: KEY, Values: ["d-1"] } } } : {}),
    }),
  );
  return ResultsByTime.filter(({ Total }) => Total?.["UnblendedCost"]?.Amount !== "0").map(
    ({ TimePeriod }) => TimePeriod?.Start ?? "",
  );
}

describe("a cost-allocation tag", () => {
  it("that is not activated finds nothing although the account has cost", async () => {
    const { sandbox, control } = await taggedCost();
    await control.changeCostTag({ accountId: BUYER, key: KEY, status: "Inactive", afterMs: 0 });

    expect(await days(sandbox, true)).toEqual([]);
    expect((await days(sandbox, false)).length).toBeGreaterThan(5);
  });

  it("that nobody mentioned is inactive once activation is demanded as on AWS", async () => {
    const { sandbox, control } = await taggedCost();
    const before = await days(sandbox, true);
    await control.changeSettings({ costTagsNeedActivation: true });

    expect(before.length).toBeGreaterThan(5);
    expect(await days(sandbox, true)).toEqual([]);
  });

  it("counts from its activation on, a day after it was asked for, and not for days before", async () => {
    const { sandbox, control } = await taggedCost();
    await control.changeSettings({ costTagsNeedActivation: true });
    const { activeFrom } = await control.changeCostTag({
      accountId: BUYER,
      key: KEY,
      status: "Active",
    });
    await control.moveClock({ advanceTo: at("2026-10-20T00:00:00Z") });

    const found = await days(sandbox, true);

    expect(activeFrom - at("2026-10-10T00:00:00Z")).toBeGreaterThanOrEqual(DAY_MS);
    expect(found[0]).toBe("2026-10-12");
    expect(found.length).toBeGreaterThan(4);
  });

  it("counts for earlier days as well once a backfill is done", async () => {
    const { sandbox, control } = await taggedCost();
    await control.changeSettings({ costTagsNeedActivation: true });
    await control.changeCostTag({
      accountId: BUYER,
      key: KEY,
      status: "Active",
      afterMs: 0,
      backfillFrom: "2026-10-01",
    });
    const before = await days(sandbox, true);
    await control.moveClock({ advanceBy: DAY_MS });

    expect(before).toEqual([]);
    expect((await days(sandbox, true))[0]).toBe("2026-10-01");
  });

  it("is activated within a day, and backfilled from the first of a month of the last twelve", async () => {
    const { control } = await taggedCost();
    const change = { accountId: BUYER, key: KEY, status: "Active" } as const;

    await expect(control.changeCostTag({ ...change, afterMs: DAY_MS + 1 })).rejects.toThrow(
      "within a day",
    );
    for (const backfillFrom of ["2026-10-02", "2025-09-01"]) {
      await expect(control.changeCostTag({ ...change, backfillFrom })).rejects.toThrow(
        "first of a month",
      );
    }
  });
});
