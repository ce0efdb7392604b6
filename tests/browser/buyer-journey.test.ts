import { parse } from "csv-parse/sync";
import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Statement } from "../../metering/domain/statement.ts";
import type { MeteringRecord } from "../../sandbox/control/control-types.ts";
import { button, link, listingUrl, waitForConfirmation, waitForStatus } from "./buyer.ts";
import { findChromium, launchChromium } from "./chromium.ts";
import { lookAround, outputFile, takeImage } from "./looking.ts";
import { openMarket } from "./market.ts";

const chromium = findChromium(process.env);

describe.runIf(chromium.kind === "missing")("without a browser", () => {
  const { required, reason } = chromium as Extract<typeof chromium, { kind: "missing" }>;
  if (required) {
    it("cannot play the buyer", () => {
      throw new Error(`The browser test is required here, but ${reason}`);
    });
  } else if (chromium.kind === "missing") {
    console.warn(`The browser test is skipped: ${reason}`);
    it.skip(`skips the buyer's journey: ${reason}`, () => undefined);
  }
});

describe.runIf(chromium.kind === "found")("a buyer in a real browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    if (chromium.kind === "found") browser = await launchChromium(chromium.path);
  });
  afterAll(() => browser.close());

  it(
    "buys, launches, is charged to the unit, updates and deletes",
    { timeout: 240_000 },
    async () => {
      const market = await openMarket();
      onTestFinished(() => market.close());
      const { seller, control } = market;
      const context = await browser.newContext();
      onTestFinished(() => context.close());
      context.setDefaultTimeout(20_000);
      const eyes = await lookAround(context);
      const page = await context.newPage();

      await page.goto(listingUrl(market));
      await eyes.look(page, "01-listing");
      await button(page, "Subscribe").click();
      await eyes.look(page, "02-subscribed");
      await button(page, "Set up your account").click();
      await page.waitForURL(`${seller.origin}/setup`);
      await waitForConfirmation(page);
      await page.getByRole("textbox", { name: "E-mail" }).fill("cloud@example.com");
      await button(page, "Save").click();
      await page.getByText("Saved.").waitFor();
      await eyes.look(page, "03-setup");
      await takeImage(page, "setup", 1080);

      await page.getByRole("combobox", { name: "Region" }).selectOption("eu-central-1");
      await page.getByRole("combobox", { name: "Size" }).selectOption("dev");
      await button(page, "Launch Stack").click();
      await eyes.look(page, "04-launch");
      const code = await page.locator("#install-code").innerText();
      const externalId = await page.locator("#external-ids").innerText();

      const opened = page.waitForEvent("popup");
      await link(page, "Open CloudFormation in eu-central-1").click();
      const console = await opened;
      await link(page, "I started the stack").click();
      await link(page, "Stop refreshing").click();
      await eyes.look(page, "05-waiting");
      await link(page, "look every 5 seconds").click();

      await console.waitForURL(/\/cloudformation\/review/);
      expect(await console.getByRole("textbox", { name: "Install code" }).inputValue()).toBe(code);
      expect(await console.getByRole("textbox", { name: "External ID" }).inputValue()).toBe(
        externalId,
      );
      expect(await console.getByRole("combobox", { name: "Size" }).inputValue()).toBe("dev");
      await eyes.look(console, "06-quick-create");
      await takeImage(console, "quick-create", 1150);

      eyes.expectAnswer(400, "/cloudformation/review");
      await button(console, "Create stack").click();
      await console.getByRole("alert").filter({ hasText: "CAPABILITY_IAM" }).waitFor();
      await eyes.look(console, "07-refused");
      await console.getByRole("checkbox", { name: "I acknowledge" }).check();
      const visits = countVisits(console);
      await button(console, "Create stack").click();
      await waitForStatus(console, "CREATE_COMPLETE");
      // The page that the form led to, and no other: events stream into it.
      expect(visits()).toBe(1);
      await eyes.look(console, "08-created");

      await page.waitForURL(/\/deployments\/d-/);
      const deploymentPath = new URL(page.url()).pathname;
      await eyes.look(page, "09-deployment");

      await market.passTimeUntil(Date.UTC(2026, 10, 4));
      const [agreement] = await control.agreements();
      const records = await control.meteringRecords(agreement?.licenseArn);

      // A month later the session is over; AWS vouches for the buyer again.
      eyes.expectAnswer(401, "/statements");
      await link(page, "Statements").click();
      await eyes.look(page, "10-signed-out");
      await link(page, "Open your subscriptions in AWS Marketplace").click();
      await eyes.look(page, "11-subscriptions");
      await button(page, "Set up your account").click();
      await link(page, "Statements").click();
      await eyes.look(page, "12-statements");
      await page.getByRole("link", { name: "October 2026", exact: true }).click();
      await page.getByRole("img").first().waitFor();
      await eyes.look(page, "13-statement");
      await takeImage(page, "statement", 1570);

      await expectWhatAwsHolds(page, records);
      const pdf = await page.pdf({ path: outputFile("statement.pdf"), format: "A4" });
      expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
      await link(page, "Show every digit").click();
      await eyes.look(page, "14-every-digit");

      await link(console, "Update stack").click();
      await eyes.look(console, "15-update");
      await console.getByRole("combobox", { name: "Size" }).selectOption("staging");
      await console.getByRole("checkbox", { name: "I acknowledge" }).check();
      await button(console, "Update stack").click();
      await waitForStatus(console, "UPDATE_COMPLETE");
      await page.goto(`${seller.origin}${deploymentPath}`);
      await page.getByText("size staging").waitFor();
      await page.getByText("$124.72 for October 2026").waitFor();
      await eyes.look(page, "16-deployment-charged");

      await link(console, "Delete stack").click();
      await eyes.look(console, "17-delete");
      await button(console, "Delete stack").click();
      await waitForStatus(console, "DELETE_COMPLETE");
      await eyes.look(console, "18-deleted");
      await page.reload();
      await page.getByText("This deployment has ended.").waitFor();
      await eyes.look(page, "19-deployment-ended");

      expect(eyes.problems).toEqual([]);
      expect(market.complaints).toEqual([]);
    },
  );

  it("needs no script, and takes the flat license", { timeout: 120_000 }, async () => {
    const market = await openMarket();
    onTestFinished(() => market.close());
    const { seller, control } = market;
    const context = await browser.newContext({ javaScriptEnabled: false });
    onTestFinished(() => context.close());
    context.setDefaultTimeout(20_000);
    const page = await context.newPage();

    await page.goto(listingUrl(market));
    await button(page, "Subscribe").click();
    await button(page, "Set up your account").click();
    await waitForConfirmation(page);
    await page.getByRole("radio", { name: "Flat license" }).check();
    await button(page, "Launch Stack").click();
    // In a tab of our own: scripts may run in one that a link opens before they are switched off.
    const console = await context.newPage();
    const launch = link(page, "Open CloudFormation in us-east-1");
    await console.goto((await launch.getAttribute("href")) ?? "");
    // Only a script can read what stands behind the #: the page says what to do by hand.
    await console.locator("noscript p").waitFor();
    const [from = "", to = ""] = await console.locator("noscript code").allInnerTexts();
    expect(console.url()).toContain(from);
    await console.goto(console.url().replace(from, to));
    await console.getByRole("checkbox", { name: "I acknowledge" }).check();
    await button(console, "Create stack").click();
    // The page reloads itself until the stack rests.
    await waitForStatus(console, "CREATE_COMPLETE");
    await link(page, "I started the stack").click();
    await page.waitForURL(/\/deployments\/d-/);

    await market.passTimeUntil(Date.UTC(2026, 9, 3));
    const [agreement] = await control.agreements();
    const records = await control.meteringRecords(agreement?.licenseArn);
    await page.goto(listingUrl(market));
    await link(page, "Manage subscriptions").first().click();
    await button(page, "Set up your account").click();
    await page.waitForURL(`${seller.origin}/setup`);
    await link(page, "Statements").click();
    await page.getByRole("link", { name: "October 2026", exact: true }).click();
    await page.getByText("Flat license plan").waitFor();
    await page.screenshot({ path: outputFile("20-license-statement.png"), fullPage: true });
    await expectWhatAwsHolds(page, records);
    expect(market.complaints).toEqual([]);
  });
});

/** Both files, to the unit, against the records in AWS Marketplace. */
async function expectWhatAwsHolds(page: Page, records: readonly MeteringRecord[]): Promise<void> {
  const held = records
    .filter(({ quantity }) => quantity > 0)
    .map(({ meteringRecordId, quantity }) => [meteringRecordId, quantity]);
  expect(held).not.toEqual([]);
  const statement = JSON.parse(await download(page, "JSON")) as Statement;
  const stated = statement.records.filter(({ quantity }) => quantity > 0);
  expect(stated.map((record) => [record.meteringRecordId, record.quantity])).toEqual(held);
  const units = records.reduce((sum, { quantity }) => sum + quantity, 0);
  expect(statement.totals.acceptedUnits).toBe(units);
  const rows = parse<Record<string, string>>(await download(page, "CSV"), { columns: true });
  const listed = rows.filter((row) => row["row"] === "record" && row["units"] !== "0");
  expect(listed.map((row) => [row["metering_record_id"], Number(row["units"])])).toEqual(held);
}

function countVisits(page: Page): () => number {
  let visits = 0;
  page.on("framenavigated", (frame) => {
    if (frame === page.mainFrame()) visits++;
  });
  return () => visits;
}

async function download(page: Page, name: string): Promise<string> {
  const started = page.waitForEvent("download");
  await page.getByRole("link", { name, exact: true }).click();
  return readFile(await (await started).path(), "utf8");
}
