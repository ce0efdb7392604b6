import { DescribeStackEventsCommand } from "@aws-sdk/client-cloudformation";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as turn } from "node:timers/promises";
import { expect, onTestFinished } from "vitest";
import { type Deployment, licenseIdOf } from "../../metering/domain/license.ts";
import type { Statement } from "../../metering/domain/statement.ts";
import type { Alarm } from "../../metering/ports.ts";
import product from "../../product.config.ts";
import { startWorld, type World } from "../../scripts/local/world.ts";
import {
  browser,
  buyersCloudFormation,
  createStack,
  deleteStack,
  hiddenField,
  readLaunchLink,
  watchStack,
} from "../../scripts/play/buyer.ts";
import { focusText } from "./focus-files.ts";
import { exact, temporaryFolder } from "./run-launchmeter.ts";

export const BUYER = "111122223333";
export const OTHER_ACCOUNT = "444455556666";
export const REGION = "eu-central-1";
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const SHARE = "aws_cost_cents";

export const at = (iso: string): number => Date.parse(iso);
export const dayText = (instant: number): string => new Date(instant).toISOString().slice(0, 10);

/** October and the days around it, each with digits that no floating-point number holds. */
const COST_DAYS = Array.from({ length: 40 }, (_, n) => ({
  day: dayText(at("2026-09-28T00:00Z") + n * DAY),
  usd: `${3 + (n % 7)}.0123456789${n % 10}`,
}));

export const costOf = (from: string, to: string): bigint =>
  COST_DAYS.filter(({ day }) => day >= from && day <= to).reduce(
    (sum, { usd }) => sum + exact(usd),
    0n,
  );

export interface Opening {
  readonly startAt: number;
  readonly seed: number;
  /** Another world's folder and site port, to go on with it. */
  readonly dataDir?: string;
  readonly sitePort?: number;
}

/** A whole market in this process, with what a test wants to see of it. */
export async function openWorld(opening: Opening) {
  const dataDir = opening.dataDir ?? temporaryFolder(onTestFinished);
  const alarms: Alarm[] = [];
  const world = await startWorld({
    product,
    dataDir,
    sitePort: opening.sitePort ?? 0,
    sandboxPort: 0,
    startAt: opening.startAt,
    seed: opening.seed,
    log: () => undefined,
    alarm: (alarm) => alarms.push(alarm),
  });
  let open = true;
  const close = async () => {
    if (open) await world.close();
    open = false;
  };
  onTestFinished(close);
  for (const accountId of [BUYER, OTHER_ACCOUNT]) {
    const file = join(dataDir, `cost-of-${accountId}.csv`);
    const rows = COST_DAYS.map(({ day, usd }) => ({ ChargePeriodStart: day, BilledCost: usd }));
    writeFileSync(file, focusText(rows));
    await world.control.addCostSource({ file, accountId });
  }
  return { ...world, world, dataDir, alarms, close };
}

export type Market = Awaited<ReturnType<typeof openWorld>>;

/** Waits for what another part does in its own time; moves the sandbox's time along if told to. */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`waited 20 seconds for ${what}`);
    await turn(10);
  }
}

/** Subscribes, registers and is activated; answers what the license is known by. */
export async function subscribe(market: Market) {
  const { control, seller } = market;
  const { agreementId, licenseArn, registrationToken } = await control.subscribe();
  const site = browser(seller.origin);
  await site.post("/", { "x-amzn-marketplace-token": registrationToken });
  const licenseId = licenseIdOf(licenseArn);
  await eventually("the activation", async () => {
    if ((await seller.licenses.get(licenseId))?.activatedAt !== undefined) return true;
    // A notification whose answer was lost comes again when its visibility timeout is over.
    await control.moveClock({ advanceBy: 1_000 });
    return undefined;
  });
  return { agreementId, licenseArn, licenseId, site };
}

export type Buyer = Awaited<ReturnType<typeof subscribe>>;

/** The buyer's launch: the site's form, the quick-create link, their own CloudFormation. */
export async function launch(
  { sandbox }: Market,
  { site }: Buyer,
  accountId: string,
  stackName = product.name,
) {
  const csrf = hiddenField(await site.get("/setup"), "csrf");
  const form = { csrf, plan: "share", region: REGION, size: "dev" };
  const link = readLaunchLink(await site.post("/setup/launch", form));
  const client = buyersCloudFormation(sandbox, accountId, REGION);
  await createStack(client, { ...link, stackName });
  const status = await watchStack(client, stackName, () => undefined);
  const { StackEvents = [] } = await client.send(
    new DescribeStackEventsCommand({ StackName: stackName }),
  );
  return { status, reasons: StackEvents.map((event) => event.ResourceStatusReason ?? "") };
}

export async function removeStack({ sandbox }: Market, accountId: string): Promise<void> {
  await deleteStack(buyersCloudFormation(sandbox, accountId, REGION), product.name);
}

export async function onlyDeployment({ seller }: Market, { licenseId }: Buyer) {
  const [deployment, ...others] = await seller.licenses.deployments(licenseId);
  expect(others).toEqual([]);
  return deployment as Deployment;
}

/** Moves to each instant in turn and meters there. */
export async function meterAt({ control, seller }: Market, ...instants: readonly number[]) {
  for (const instant of instants) {
    await control.moveClock({ advanceTo: instant });
    await seller.meterAll();
  }
}

/** A pass a little after every `hours`th full hour, up to `until`. */
export async function meterUntil(market: Market, until: number, hours = 1): Promise<void> {
  for (;;) {
    const step = hours * HOUR;
    const next = Math.floor(market.sandbox.clock.now() / step + 1) * step + 5 * MINUTE;
    if (next > until) return;
    await meterAt(market, next);
  }
}

export async function statements({ seller }: Market, { licenseId }: Buyer): Promise<Statement[]> {
  const months = [...(await seller.metering.statementMonths(licenseId))].reverse();
  const all = await Promise.all(months.map((month) => seller.metering.statement(licenseId, month)));
  return all.filter((each) => each !== undefined);
}

/** In 10⁻⁴⁰ USD, all months together. */
export function total(
  all: readonly Statement[],
  pick: (totals: Statement["totals"]) => string,
): bigint {
  return all.reduce((sum, { totals }) => sum + exact(pick(totals)), 0n);
}

/** Every record of the statements is one of AWS's, and the other way round, to the unit. */
export async function expectSameBooks(market: Market, buyer: Buyer): Promise<void> {
  const units = new Map<string, number>();
  for (const { records } of await statements(market, buyer)) {
    for (const { meteringRecordId, hour, quantity, outcome } of records) {
      if (outcome !== "accepted") continue;
      const id = `${meteringRecordId} ${hour}`;
      units.set(id, (units.get(id) ?? 0) + quantity);
    }
  }
  const atAws = await market.control.meteringRecords(buyer.licenseArn);
  const theirs = atAws.map(({ meteringRecordId, hour, quantity }): [string, number] => [
    `${meteringRecordId} ${new Date(hour).toISOString()}`,
    quantity,
  ]);
  expect(units).toEqual(new Map(theirs));
}

export type { World };
