import axe from "axe-core";
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { BrowserContext, Page } from "playwright-core";

const OUTPUT = fileURLToPath(new URL("output/", import.meta.url));
const IMAGES = fileURLToPath(new URL("../../docs/images/", import.meta.url));
const HEIGHT = 900;
const WIDTHS = { wide: 1280, narrow: 390 } as const;

/** Looks at pages as a person and as a browser's console would, and remembers what is wrong. */
export interface Looking {
  /** What was found so far; a good journey leaves it empty. */
  readonly problems: readonly string[];
  /** An answer that the journey provokes on purpose; any other one below 200 or from 400 on is a problem. */
  expectAnswer(status: number, path: string): void;
  /** Wide and narrow, light and dark: accessibility, overflow, and a screenshot of each. */
  look(page: Page, name: string): Promise<void>;
}

export async function lookAround(context: BrowserContext): Promise<Looking> {
  await mkdir(OUTPUT, { recursive: true });
  const problems: string[] = [];
  const expected = new Set<string>();
  const isExpected = (status: number, url: string) =>
    expected.has(`${status} ${new URL(url).pathname}`);

  context.on("response", (response) => {
    const [status, url] = [response.status(), response.url()];
    if (status >= 400 && !isExpected(status, url)) problems.push(`${url} answered ${status}`);
  });
  context.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    const { url } = message.location();
    const status = Number(/status of (\d{3})/.exec(message.text())?.[1]);
    if (status > 0 && isExpected(status, url)) return;
    problems.push(`console of ${url}: ${message.text()}`);
  });
  context.on("weberror", (error) => problems.push(`script: ${error.error().message}`));

  return {
    problems,
    expectAnswer: (status, path) => void expected.add(`${status} ${path}`),
    async look(page, name) {
      for (const [label, width] of Object.entries(WIDTHS)) {
        await page.setViewportSize({ width, height: HEIGHT });
        const where = `${name}, ${label}`;
        problems.push(...(await overflow(page)).map((what) => `${where}: ${what}`));
        problems.push(...(await violations(page)).map((what) => `${where}: ${what}`));
        await page.screenshot({ path: `${OUTPUT}${name}-${label}.png`, fullPage: true });
      }
      await page.setViewportSize({ width: WIDTHS.wide, height: HEIGHT });
      await page.emulateMedia({ colorScheme: "dark" });
      problems.push(
        ...(await violations(page, "color-contrast")).map((what) => `${name}, dark: ${what}`),
      );
      await page.emulateMedia({ colorScheme: "light" });
    },
  };
}

/** For the README; renewed only when asked for, because ids differ from run to run. */
export async function takeImage(page: Page, name: string, height: number): Promise<void> {
  if (process.env["UPDATE_IMAGES"] !== "1") return;
  await mkdir(IMAGES, { recursive: true });
  await page.setViewportSize({ width: WIDTHS.wide, height });
  await page.evaluate("window.scrollTo(0, 0)");
  await page.screenshot({ path: `${IMAGES}${name}.png` });
}

export const outputFile = (name: string): string => `${OUTPUT}${name}`;

async function overflow(page: Page): Promise<string[]> {
  // As text: the tests' types know no document.
  const [needed, given] = await page.evaluate<[number, number]>(
    "[document.documentElement.scrollWidth, document.documentElement.clientWidth]",
  );
  return needed > given ? [`is ${needed} px wide in a window of ${given}`] : [];
}

async function violations(page: Page, onlyRule?: string): Promise<string[]> {
  const options = {
    resultTypes: ["violations"],
    ...(onlyRule === undefined ? {} : { runOnly: [onlyRule] }),
  };
  await page.evaluate(axe.source);
  const { violations: found } = await page.evaluate<axe.AxeResults>(
    `axe.run(document, ${JSON.stringify(options)})`,
  );
  return found.map(({ id, help, nodes }) => {
    const first = nodes[0];
    return `axe ${id} (${nodes.length}): ${help}; ${first?.html.slice(0, 160)} ${first?.failureSummary}`;
  });
}
