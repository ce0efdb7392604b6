import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { awsEndpoint } from "./aws-endpoint.ts";
import type { LoggedCall } from "./aws-endpoint.ts";
import { movableClock } from "./clock.ts";
import { createFaults } from "./faults.ts";
import { lockFolder } from "./folder-lock.ts";
import { iamStore } from "./iam/iam-store.ts";
import type { Offer } from "./marketplace/offers.ts";
import { sandboxParts } from "./parts.ts";
import { seededRandom } from "./random.ts";
import type { SandboxClock, SandboxContext } from "./sandbox.ts";
import { sandboxServer } from "./server.ts";
import type { ReceivedRequest, ServerAnswer } from "./server.ts";
import { noStateFile, stateFile } from "./state-file.ts";
import { growthOf, restoreFrom, snapshotTextOf } from "./whole-state.ts";
import type { NamedPart } from "./whole-state.ts";
import { authenticate } from "./wire/authenticate.ts";

export interface SandboxProduct {
  readonly productCode: string;
  readonly productId: string;
  readonly title: string;
  readonly sellerAccountId: string;
  readonly dimensions: readonly SandboxDimension[];
  /** True, or left out: usage by LicenseArn alone. False: by ProductCode. `migrating`: either. */
  readonly concurrentAgreements?: boolean | "migrating";
  /** Free-trial and private offers, beside the public listing. */
  readonly offers?: readonly Omit<Offer, "productCode">[];
  /** Where *Set up your account* posts the registration token. */
  readonly fulfillmentUrl: string | (() => string);
}

export interface SandboxDimension {
  readonly name: string;
  readonly description: string;
  readonly unitPriceUsd: string;
  /** Announced changes of the rate, for existing agreements too; `from` in epoch ms. */
  readonly priceChanges?: readonly { readonly from: number; readonly unitPriceUsd: string }[];
}

export interface SandboxBuyer {
  readonly accountId: string;
  readonly name: string;
}

export interface SandboxOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** Epoch ms; now when left out. Ignored when the data folder already holds a later time. */
  readonly startAt?: number;
  /** Keeps the state on disk; a restart or a kill loses nothing that was answered. */
  readonly dataDir?: string;
  readonly seed?: number;
  readonly products: readonly SandboxProduct[];
  readonly buyers?: readonly SandboxBuyer[];
}

export interface AccountCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface Sandbox {
  readonly origin: string;
  readonly clock: SandboxClock;
  readonly seed: number;
  readonly sellerCredentials: AccountCredentials;
  buyerCredentials(accountId: string): AccountCredentials;
  readonly lifecycleQueueUrl: string;
  close(): Promise<void>;
}

/** The accounts that AWS's documentation uses; the second is for "deployed elsewhere". */
const DEFAULT_BUYERS: readonly SandboxBuyer[] = [
  { accountId: "111122223333", name: "Example Buyer" },
  { accountId: "444455556666", name: "Example Buyer, workloads" },
];
const HOST = "127.0.0.1";

export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { dataDir } = options;
  const unlock = dataDir === undefined ? async () => undefined : await lockFolder(dataDir);
  try {
    return await startSandbox(options, unlock);
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function startSandbox(
  options: SandboxOptions,
  unlock: () => Promise<void>,
): Promise<Sandbox> {
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 32);
  const clock = movableClock(options.startAt);
  const randomness = seededRandom(seed);
  const random = (): number => randomness.next();
  let origin = "";
  const file =
    options.dataDir === undefined
      ? noStateFile
      : stateFile(options.dataDir, {
          growth: () => growth(),
          snapshot: (logBytes) => snapshotTextOf(whole, logBytes),
        });
  const changed = (): void => file.changed();
  const iam = iamStore({ clock, random, changed });
  const faults = createFaults({ random, changed });
  const calls: LoggedCall[] = [];
  const context: SandboxContext = {
    clock,
    iam,
    origin: () => origin,
    random,
    changed,
    authenticate: (request, signingName) =>
      authenticate({ clock, iam }, request, "s3", [signingName]).caller,
  };
  const products = options.products;
  const buyers = options.buyers ?? DEFAULT_BUYERS;
  const sellerAccountId = products[0]?.sellerAccountId;
  if (sellerAccountId === undefined)
    throw new Error("A sandbox needs at least one product to sell.");
  const { parts, lifecycleQueueUrl, observe } = await sandboxParts({
    context,
    clock,
    iam,
    faults,
    calls,
    products,
    buyers,
    sellerAccountId,
  });
  const whole = { clock, randomness, iam, faults, parts };
  const { stored, logLines } = await file.read();
  restoreFrom(whole, stored, logLines);
  const growth = growthOf(whole, logLines);

  const services = parts.flatMap(({ part }) => part.services);
  const log = keepLast(calls);
  const aws = awsEndpoint({ clock, iam, faults, services: () => services, log, observe });
  const server = sandboxServer({
    clock,
    flush: () => file.flush(),
    answer: (request) => answerOf(request, aws, parts),
  });
  origin = `http://${HOST}:${await listen(server, options.port)}`;
  const seller = iam.administratorOf(sellerAccountId);
  for (const { accountId } of buyers) iam.administratorOf(accountId);
  await file.flush();

  return {
    origin,
    clock,
    seed,
    sellerCredentials: keysOnly(seller),
    buyerCredentials: (accountId) => keysOnly(iam.administratorOf(accountId)),
    lifecycleQueueUrl: lifecycleQueueUrl(),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const { part } of parts) await part.close?.();
      server.closeAllConnections();
      await closed;
      await file.flush();
      await unlock();
    },
  };
}

async function answerOf(
  request: ReceivedRequest,
  aws: ReturnType<typeof awsEndpoint>,
  parts: readonly NamedPart[],
): Promise<ServerAnswer> {
  const answered = await aws(request);
  if (answered !== undefined) return answered;
  for (const { part } of parts) {
    const response = await part.fetch?.(request.toFetch());
    if (response !== undefined) return response;
  }
  return { status: 404, headers: { "content-type": "text/plain" }, body: "Not found.\n" };
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, HOST);
  try {
    await once(server, "listening");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new Error(
      `Port ${port} on ${HOST} is taken: another sandbox, or another program, listens there. ` +
        `Stop it, or start the sandbox on another port.`,
      { cause: error },
    );
  }
  return (server.address() as AddressInfo).port;
}

const keysOnly = ({ accessKeyId, secretAccessKey }: AccountCredentials): AccountCredentials => ({
  accessKeyId,
  secretAccessKey,
});

const MAX_LOGGED_CALLS = 2000;

const keepLast =
  (calls: LoggedCall[]) =>
  (call: LoggedCall): void => {
    calls.push(call);
    if (calls.length > MAX_LOGGED_CALLS) calls.splice(0, calls.length - MAX_LOGGED_CALLS);
  };
