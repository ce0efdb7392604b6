import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { startEmbeddedDynamoDb } from "../../metering/adapters/embedded-dynamodb.ts";
import { COUNTED_ACCOUNT, focusText, type FocusRow, madeRows } from "./focus-files.ts";
import { type Ended, launchmeter, temporaryFolder } from "./run-launchmeter.ts";

const DEFINE = fileURLToPath(new URL("../../product/define-product.ts", import.meta.url));
const MANY_SECONDS = 120_000;

/** One sentence for a person, an exit code for a script, and nothing for a debugger. */
function expectRefusal({ code, stdout, stderr }: Ended, sentence: RegExp): void {
  expect(code, stderr).toBeGreaterThan(0);
  expect(stdout).toBe("");
  const lines = stderr.trimEnd().split("\n");
  expect(lines.filter((line) => line.startsWith("launchmeter start: "))).toHaveLength(1);
  expect(stderr).toMatch(sentence);
  expect(stderr).not.toMatch(/^\s+at .*:\d+/m);
  expect(stderr).not.toMatch(/\bERR_|undefined|\[object/);
}

/** Plays on until the stack stands and metering begins, which is proof enough of a good folder. */
async function expectUsable(data: string): Promise<void> {
  const ended = await launchmeter(["start", "--once", "--json", "--data", data], (line, kill) => {
    if (line.startsWith("4. Meter")) kill();
  });
  expect(ended.stderr).toContain("4. Meter");
}

interface Bad {
  readonly what: string;
  readonly args: (folder: string) => readonly string[];
  readonly sentence: RegExp;
}

const withCost = (folder: string, text: string): readonly string[] => {
  const file = join(folder, "cost.csv");
  writeFileSync(file, text);
  return ["--cost-data", file];
};
const made = (changed: FocusRow, at: number) =>
  focusText(madeRows.map((row, index) => (index === at ? { ...row, ...changed } : row)));
const withConfig = (folder: string, text: string): readonly string[] => {
  const file = join(folder, "product.config.ts");
  writeFileSync(file, text);
  return ["--config", file];
};

const BAD: readonly Bad[] = [
  {
    what: "a plan that the product doesn't have",
    args: () => ["--plan", "shares"],
    sentence: /--plan is "shares": the product's plans are share, license/,
  },
  {
    what: "an option that there isn't",
    args: () => ["--cost-acount", COUNTED_ACCOUNT],
    sentence: /--cost-acount.*--cost-account/,
  },
  {
    what: "an option without its value before another one",
    args: () => ["--port", "--once"],
    sentence: /--port needs a value/,
  },
  {
    what: "a port that is none",
    args: () => ["--port", "70000"],
    sentence: /--port is "70000".*65535/,
  },
  {
    what: "a cost file that isn't there",
    args: (folder) => ["--cost-data", join(folder, "nothing.csv")],
    sentence: /nothing\.csv can't be read/,
  },
  {
    what: "a cost file that isn't FOCUS",
    args: (folder) => withCost(folder, "when,what\n2026-02-01,1.5\n"),
    sentence: /cost\.csv is not a FOCUS 1\.x export: it lacks the columns BilledCost/,
  },
  {
    what: "a counted row in another currency, by its number",
    args: (folder) => withCost(folder, made({ BillingCurrency: "EUR" }, 3)),
    sentence: /Row 5 of the cost file .*BillingCurrency is "EUR".*USD only/,
  },
  {
    what: "a counted amount that is no number, by its row",
    args: (folder) => withCost(folder, made({ BilledCost: "1,234.5" }, 5)),
    sentence: /Row 7 of the cost file .*BilledCost is "1,234\.5".*not a number/,
  },
  {
    what: "a day that there isn't, by its row",
    args: (folder) => withCost(folder, made({ ChargePeriodStart: "2026-02-30" }, 0)),
    sentence: /Row 2 of the cost file .*ChargePeriodStart is "2026-02-30".*not a date/,
  },
  {
    what: "an account that isn't in the cost file",
    args: (folder) => [...withCost(folder, focusText(madeRows)), "--cost-account", "999999999999"],
    sentence: /has no AWS row of account 999999999999/,
  },
  {
    what: "a configuration that isn't there",
    args: (folder) => ["--config", join(folder, "product.config.ts")],
    sentence: /No product configuration at .*product\.config\.ts/,
  },
  {
    what: "a configuration with a mistake, by its field",
    args: (folder) =>
      withConfig(
        folder,
        `import { defineProduct } from ${JSON.stringify(DEFINE)};
         export default defineProduct({ title: "Example", name: "No Such Name", plans: [] });`,
      ),
    sentence: /name/,
  },
  {
    what: "a configuration that isn't TypeScript",
    args: (folder) => withConfig(folder, "export default {{{"),
    sentence: /product\.config\.ts/,
  },
];

const cleaners: (() => void)[] = [];
afterAll(() => {
  for (const clean of cleaners) clean();
});

describe.concurrent("launchmeter start refuses, before anything is written,", () => {
  it.each(BAD)(
    "$what",
    async ({ args, sentence }) => {
      const folder = temporaryFolder((clean) => cleaners.push(clean));
      const data = join(folder, "data");
      const given = ["start", "--once", "--json", "--data", data, ...args(folder)];
      expectRefusal(await launchmeter(given), sentence);
      expect(existsSync(data) ? readdirSync(data) : []).toEqual([]);
    },
    MANY_SECONDS,
  );
});

describe.concurrent("launchmeter start leaves a folder that can be used when it finds", () => {
  it.each(["--port", "--sandbox-port"])(
    "the port of %s taken",
    async (option) => {
      const folder = temporaryFolder((clean) => cleaners.push(clean));
      const other = createServer();
      await new Promise<void>((done) => other.listen(0, "127.0.0.1", done));
      const { port } = other.address() as AddressInfo;
      try {
        const args = ["start", "--once", "--json", "--data", folder, option, `${port}`];
        expectRefusal(await launchmeter(args), new RegExp(`[Pp]ort ${port}\\b.*taken`));
      } finally {
        await new Promise((done) => other.close(done));
      }
      await expectUsable(folder);
    },
    MANY_SECONDS,
  );

  it(
    "the store in the hands of another process",
    async ({ onTestFinished }) => {
      const folder = temporaryFolder(onTestFinished);
      const store = await startEmbeddedDynamoDb({ dir: join(folder, "store") });
      try {
        const args = ["start", "--once", "--json", "--data", folder];
        expectRefusal(await launchmeter(args), /in use by another Launchmeter/);
      } finally {
        await store.close();
      }
      await expectUsable(folder);
    },
    MANY_SECONDS,
  );
});
