/**
 * For whoever works on the pages: renders every one with sample data in real Chromium, wide and
 * narrow, light and dark, saves a picture of each and runs axe on it.
 *
 *   npx tsx tests/registration-site/pages/render-pages.ts FOLDER [part of a page's name]
 */
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { chromium, type Browser, type Page } from "playwright-core";
import { samplePages, type SamplePage } from "./sample-pages.ts";
import { SESSION_TOKEN, type TestSite } from "./site.ts";

const require = createRequire(import.meta.url);

const looks = [
  { name: "wide-light", width: 1280, colorScheme: "light" },
  { name: "narrow-light", width: 390, colorScheme: "light" },
  { name: "wide-dark", width: 1280, colorScheme: "dark" },
  { name: "narrow-dark", width: 390, colorScheme: "dark" },
] as const;

interface AxeResult {
  readonly passes: readonly unknown[];
  readonly violations: readonly {
    readonly id: string;
    readonly help: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

async function findings(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: require.resolve("axe-core/axe.min.js") });
  const result = await page.evaluate<AxeResult>("axe.run()");
  // An axe that ran nothing finds nothing.
  if (result.passes.length < 10) throw new Error("axe did not run");
  const overflow = await page.evaluate<number>(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
  return [
    ...result.violations.flatMap(({ id, help, nodes }) =>
      nodes.map((node) => `${id}: ${help}\n      ${node.html}\n      ${node.failureSummary ?? ""}`),
    ),
    ...(overflow > 0 ? [`the page is ${overflow} px wider than the window`] : []),
  ];
}

async function render(browser: Browser, sample: SamplePage, folder: string): Promise<number> {
  const served: { site?: TestSite } = {};
  const server = serve({
    fetch: (request) => served.site?.app.fetch(request) ?? new Response(null, { status: 503 }),
    port: 0,
    hostname: "127.0.0.1",
  });
  await new Promise((listening) => server.once("listening", listening));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const origin = `http://127.0.0.1:${address.port}`;
  served.site = sample.site(origin);
  let count = 0;
  for (const { name, width, colorScheme } of looks) {
    const context = await browser.newContext({
      viewport: { width, height: 900 },
      colorScheme,
      // The page's policy would keep axe out.
      bypassCSP: true,
    });
    if (sample.signedIn) {
      await context.addCookies([{ name: "session", value: SESSION_TOKEN, url: origin }]);
    }
    const page = await context.newPage();
    await page.goto(origin + sample.path);
    await sample.act?.(page);
    await page.screenshot({ path: join(folder, `${sample.name}.${name}.png`), fullPage: true });
    for (const finding of await findings(page)) {
      count += 1;
      console.log(`${sample.name} ${name}: ${finding}`);
    }
    if (sample.print && name === "wide-light") {
      await page.pdf({ path: join(folder, `${sample.name}.pdf`), preferCSSPageSize: true });
      // 182 mm, A4 without its margins, to be looked at as a picture.
      await page.setViewportSize({ width: 688, height: 900 });
      await page.emulateMedia({ media: "print" });
      await page.screenshot({ path: join(folder, `${sample.name}.print.png`), fullPage: true });
    }
    await context.close();
  }
  await new Promise((closed) => server.close(closed));
  return count;
}

const [folder, only = ""] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: render-pages.ts FOLDER [part of a page's name]");
mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
let total = 0;
for (const sample of samplePages().filter(({ name }) => name.includes(only))) {
  total += await render(browser, sample, folder);
}
await browser.close();
console.log(`${total} findings; pictures in ${folder}`);
process.exitCode = total === 0 ? 0 : 1;
