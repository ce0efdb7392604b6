import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { SaleSummary } from "../../scripts/play/summary.ts";
import { COUNTED_ACCOUNT, countedByMonth, focusText, madeRows } from "./focus-files.ts";
import { playKilled } from "./killed-sale.ts";
import { atAwsText, inLedgerText, readDataFolder } from "./read-data-folder.ts";
import { exact, launchmeter, summaryOf, temporaryFolder } from "./run-launchmeter.ts";

const EXAMPLE = fileURLToPath(new URL("../../sandbox/data/example-focus.csv", import.meta.url));
const REAL = fileURLToPath(new URL("../../../shared/data/focus-1.0-sample.csv", import.meta.url));
/** Each plays a month or two, hour by hour, and they share the machine. */
const MANY_SECONDS = 240_000;
const PICO = 10n ** 28n;

function expectBalance(sale: SaleSummary): void {
  expect(exact(sale.ratedUsd) + exact(sale.creditUsd)).toBe(
    exact(sale.billedUsd) +
      exact(sale.carriedUsd) +
      exact(sale.pendingUsd) +
      exact(sale.inDoubtUsd) +
      exact(sale.forfeitedUsd),
  );
  expect(BigInt(sale.acceptedUnits) * exact(sale.unitPriceUsd)).toBe(exact(sale.billedUsd));
  // Caught up: what is left is less than a unit.
  expect(exact(sale.carriedUsd)).toBeLessThan(exact(sale.unitPriceUsd));
  const { accepted, ...others } = sale.records;
  expect(accepted).toBeGreaterThan(0);
  expect(others).toEqual({ duplicate: 0, expired: 0, refused: 0, inDoubt: 0 });
}

/** What doesn't depend on which hours were used. */
function money(sale: SaleSummary) {
  const { costUsd, ratedUsd, billedUsd, carriedUsd, creditUsd, acceptedUnits, months } = sale;
  return { costUsd, ratedUsd, billedUsd, carriedUsd, creditUsd, acceptedUnits, months };
}

function expectShareOf(sale: SaleSummary, counted: ReadonlyMap<string, bigint>): void {
  const cost = [...counted.values()].reduce((all, month) => all + month, 0n);
  // Each month is floored once, at a pico-dollar.
  const rated = [...counted.values()].reduce((all, month) => all + (month / 5n / PICO) * PICO, 0n);
  expect(exact(sale.costUsd)).toBe(cost);
  expect(exact(sale.ratedUsd)).toBe(rated);
  expect(sale.months).toEqual(expect.arrayContaining([...counted.keys()]));
  expect(sale).toMatchObject({ plan: "share", costMetric: "BilledCost" });
}

/** `SEED=7 npx vitest run tests/whole-sale/command-line` kills at other moments. */
const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);

describe.concurrent("launchmeter start --once --json", () => {
  let undisturbed: Promise<SaleSummary> | undefined;

  it(
    "bills a share of the cost in its own example",
    async ({ onTestFinished }) => {
      const data = temporaryFolder(onTestFinished);
      undisturbed = launchmeter(["start", "--once", "--json", "--data", data]).then(summaryOf);
      const sale = await undisturbed;
      expectBalance(sale);
      expectShareOf(sale, countedByMonth(EXAMPLE));
    },
    MANY_SECONDS,
  );

  it(
    `comes to the same when it is killed at every station and gone on with (SEED=${SEED})`,
    async ({ onTestFinished }) => {
      const data = temporaryFolder(onTestFinished);
      const args = ["start", "--once", "--json"];
      const sale = summaryOf(await playKilled(args, data, "aws_cost_cents", SEED));
      expectBalance(sale);
      expect(money(sale)).toEqual(money((await undisturbed) ?? sale));
      expectShareOf(sale, countedByMonth(EXAMPLE));

      const { atAws, chain, deployments } = await readDataFolder(data, "aws_cost_cents");
      expect(atAws.map(atAwsText).sort()).toEqual(chain.map(inLedgerText).sort());
      expect(deployments.filter(({ state }) => state === "active")).toHaveLength(1);
      for (const { state, goneAt } of deployments) {
        if (state === "ended") expect(goneAt).toBeDefined();
      }
    },
    MANY_SECONDS,
  );

  it(
    "bills a license that doesn't look at cost",
    async ({ onTestFinished }) => {
      const data = temporaryFolder(onTestFinished);
      const ended = await launchmeter(
        ["start", "--once", "--json", "--plan", "license", "--data", data], //
      );
      const sale = summaryOf(ended);
      expectBalance(sale);
      // The whole of October; its first and last days' neighbours are not whole.
      expect(sale).toMatchObject({ costMetric: null, costUsd: "0", ratedUsd: "19" });
      expect(sale).toMatchObject({ billedUsd: "19", acceptedUnits: 1900 });
    },
    MANY_SECONDS,
  );

  it(
    "bills one account's share of a file with all that a bill can hold, over two months",
    async ({ onTestFinished }) => {
      const folder = temporaryFolder(onTestFinished);
      const file = join(folder, "made.csv");
      writeFileSync(file, focusText(madeRows));
      const ended = await launchmeter([
        ...["start", "--once", "--json", "--data", join(folder, "data")],
        ...["--cost-data", file, "--cost-account", COUNTED_ACCOUNT],
      ]);
      const sale = summaryOf(ended);
      expectBalance(sale);
      const counted = countedByMonth(file, COUNTED_ACCOUNT);
      expect([...counted.keys()]).toEqual(["2026-02", "2026-03"]);
      expectShareOf(sale, counted);
    },
    MANY_SECONDS,
  );

  it.skipIf(!existsSync(REAL))(
    "bills one account's share of a real bill (skipped where the sample file is missing)",
    async ({ onTestFinished }) => {
      const account = "11353890204";
      const ended = await launchmeter([
        ...["start", "--once", "--json", "--data", temporaryFolder(onTestFinished)],
        ...["--cost-data", REAL, "--cost-account", account],
      ]);
      const sale = summaryOf(ended);
      expectBalance(sale);
      expectShareOf(sale, countedByMonth(REAL, account));
    },
    MANY_SECONDS,
  );
});
