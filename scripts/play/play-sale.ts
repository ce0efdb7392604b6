import { setTimeout as sleep } from "node:timers/promises";
import type { Plan } from "../../metering/domain/charges.ts";
import { licenseIdOf, type Deployment, type License } from "../../metering/domain/license.ts";
import { decimalText, parseDecimal, sumDecimals } from "../../metering/domain/money.ts";
import type { Statement } from "../../metering/domain/statement.ts";
import type { World } from "../local/world.ts";
import {
  browser,
  type Browser,
  buyersCloudFormation,
  createStack,
  deleteStack,
  hiddenField,
  readLaunchLink,
  stackStatus,
  watchStack,
} from "./buyer.ts";
import type { CostData } from "./cost-data.ts";
import type { Progress } from "./progress.ts";
import { balances, type SaleSummary, summarize } from "./summary.ts";

export interface PlayOptions {
  readonly world: World;
  readonly plan: Plan;
  readonly costData: CostData;
  readonly progress: Progress;
  readonly region: string;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Metering runs a little after each full hour. */
const PAST_THE_HOUR = 5 * 60_000;
/** AWS restates for days after a month's close; a play that waited longer is stuck. */
const LONGEST_CLOSE = 12 * DAY;

/**
 * Plays one sale from *Subscribe* to the statement, as the buyer and as time itself.
 *
 * Every station asks the world how far it got, so a play that was killed goes on where it was.
 */
export async function playSale(options: PlayOptions): Promise<SaleSummary> {
  const { world, plan, costData, progress } = options;
  const { control, sandbox, seller } = world;

  progress.station("Subscribe");
  const { accountId } = costData;
  const agreement = (await control.agreements())[0] ?? (await control.subscribe({ accountId }));
  const licenseId = licenseIdOf(agreement.licenseArn);
  progress.line(`license ${agreement.licenseArn}`, sandbox.clock.now());
  const { file, sourceAccountId } = costData;
  await control.addCostSource({ file, sourceAccountId, accountId });

  progress.station("Register");
  const site = browser(seller.origin);
  const token = await control.registrationToken(agreement.agreementId);
  await site.post("/", { "x-amzn-marketplace-token": token });
  const active = await eventually("AWS to confirm the license", async (waitedMs) => {
    const license = await seller.licenses.get(licenseId);
    if (license?.activatedAt !== undefined) return license;
    // A run that was killed may have taken the message along: half a minute later it comes again.
    if (waitedMs >= 1_000) await control.moveClock({ advanceBy: 1_000 });
    return undefined;
  });
  progress.line(`account ${active.buyerAccountId}, confirmed by AWS`, sandbox.clock.now());

  const deployment = await launch(options, site, licenseId, accountId);
  await passTime(options, licenseId);

  progress.station("Explain");
  const license = (await seller.licenses.get(licenseId)) ?? active;
  const summary = summarize(license, deployment, plan, await statements(world, licenseId));
  await compareWithAws(options, license, summary);
  return summary;
}

/** Set up, Launch Stack, and the stack's own callback; answers the deployment it registered. */
async function launch(
  { world, plan, progress, region }: PlayOptions,
  site: Browser,
  licenseId: string,
  accountId: string,
): Promise<Deployment> {
  const { sandbox, seller, product } = world;
  progress.station("Launch the stack");
  const client = buyersCloudFormation(sandbox, accountId, region);
  const existing = await watchStack(client, product.name, () => undefined);
  if (existing !== undefined && existing !== "CREATE_COMPLETE") {
    progress.line(`a stack was left behind as ${existing}: it is deleted and made anew`);
    await deleteStack(client, product.name);
  }
  if ((await stackStatus(client, product.name)) !== "CREATE_COMPLETE") {
    const csrf = hiddenField(await site.get("/setup"), "csrf");
    const size = product.launchStack.defaultSize;
    const page = await site.post("/setup/launch", { csrf, plan: plan.id, region, size });
    await createStack(client, readLaunchLink(page));
    const status = await watchStack(client, product.name, (event) => {
      const { LogicalResourceId, ResourceStatus, ResourceStatusReason = "" } = event;
      progress.line(`${LogicalResourceId} ${ResourceStatus} ${ResourceStatusReason}`.trimEnd());
    });
    if (status !== "CREATE_COMPLETE") throw new Error(`the stack ended as ${status}`);
  }
  const deployments = await seller.licenses.deployments(licenseId);
  const deployment = deployments.find(({ state }) => state === "active");
  if (deployment === undefined) throw new Error("the stack runs, but the site knows of none");
  progress.line(
    `deployment ${deployment.deploymentId} in account ${deployment.accountId}, attested by AWS`,
    sandbox.clock.now(),
  );
  return deployment;
}

/** Hour by hour through the months of cost and their close, until AWS's figures are final. */
async function passTime({ world, plan, costData, progress }: PlayOptions, licenseId: string) {
  const { control, sandbox, seller } = world;
  progress.station("Meter, hour by hour");
  const looksAtCost = plan.charges.some(({ kind }) => kind === "percentageOfCost");
  const close = costData.end + 6 * HOUR;
  await seller.meterAll();
  for (;;) {
    const next = Math.floor(sandbox.clock.now() / HOUR + 1) * HOUR + PAST_THE_HOUR;
    await control.moveClock({ advanceTo: next });
    await seller.meterAll();
    const newDay = new Date(next).getUTCHours() === 0;
    const done = next >= close && (!looksAtCost || (newDay && (await isFinal(world, licenseId))));
    if (newDay || done) {
      const text = totalsText(await statements(world, licenseId));
      progress.tick(text, next, done || (next / DAY) % 5 < 1);
    }
    if (done) return;
    if (next > costData.end + LONGEST_CLOSE) {
      throw new Error("AWS's figures did not become final within 12 days of the month's close");
    }
  }
}

async function isFinal({ seller }: World, licenseId: string): Promise<boolean> {
  const all = await statements({ seller }, licenseId);
  // The newest month is still running; the ones before it have no figure left to change.
  return all.slice(0, -1).every(({ days }) => days.every(({ estimated }) => !estimated));
}

async function statements(
  { seller }: Pick<World, "seller">,
  licenseId: string,
): Promise<Statement[]> {
  const months = [...(await seller.metering.statementMonths(licenseId))].reverse();
  const all = await Promise.all(months.map((month) => seller.metering.statement(licenseId, month)));
  return all.filter((statement) => statement !== undefined);
}

function totalsText(all: readonly Statement[]): string {
  const sum = (pick: (of: Statement["totals"]) => string) =>
    decimalText(sumDecimals(all.map(({ totals }) => parseDecimal(pick(totals)))));
  const cost = sum(({ costUsd }) => costUsd);
  return `AWS cost ${cost}  rated ${sum(({ ratedUsd }) => ratedUsd)}  billed ${sum(({ billedUsd }) => billedUsd)} USD`;
}

/** The play's own audit: AWS's records against the statement, to the unit. */
async function compareWithAws(
  { world, progress }: PlayOptions,
  { licenseArn }: License,
  summary: SaleSummary,
): Promise<void> {
  const records = await world.control.meteringRecords(licenseArn);
  const units = records.reduce((all, { quantity }) => all + quantity, 0);
  progress.line(
    `AWS cost ${summary.costUsd}  rated ${summary.ratedUsd}  billed ${summary.billedUsd}  carried ${summary.carriedUsd}  credit ${summary.creditUsd} USD`,
  );
  progress.line(
    `AWS holds ${records.length} records with ${units} units; the statement says ${summary.records.accepted} with ${summary.acceptedUnits}`,
  );
  if (units !== summary.acceptedUnits && summary.records.inDoubt === 0) {
    throw new Error("the statement and AWS's records differ");
  }
  if (!balances(summary)) throw new Error("the statement does not balance");
}

/** What another process does in its own time, within reason. */
async function eventually<T>(
  what: string,
  ask: (waitedMs: number) => Promise<T | undefined>,
): Promise<T> {
  for (let waited = 0; waited < 15_000; waited += 50) {
    const answer = await ask(waited);
    if (answer !== undefined) return answer;
    await sleep(50);
  }
  throw new Error(`waited 15 seconds for ${what}`);
}
