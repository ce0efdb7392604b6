import { randomBytes } from "node:crypto";
import { memoryUsageStore } from "../../metering/adapters/memory-usage.ts";
import { recordUsage } from "../../metering/record-usage.ts";
import { usageOf } from "../../metering/roll-up-usage.ts";
import { usageTokens, type UsageTokenKey } from "../../registration-site/adapters/usage-tokens.ts";
import { deploymentIdOf } from "../../registration-site/authenticate-callback.ts";
import { usageRoutes } from "../../registration-site/routes/usage.ts";
import { createUsageUseCases, type UsageDeps } from "../../registration-site/usage-use-cases.ts";
import { USAGE_TOKEN_PATH, type UsageTokenAnswer } from "../../template-src/contract.ts";
import {
  anActiveLicense,
  aPayload,
  aRoleSession,
  aStackId,
  aWorld,
  AUDIENCE,
  NOW,
  sessionOf,
  signedEnvelope,
  useCasesOf,
} from "./core-world.ts";
import type { RoleSession, StrictSts } from "./strict-sts.ts";

export const METER = "video_minutes";

export const aKey = (id: string): UsageTokenKey => ({ id, secret: randomBytes(32) });

let asked = 0;

export const tokenPayload = (stackId: string, over: object = {}) => ({
  version: 1,
  purpose: "usage-token",
  requestId: `20000000-0000-4000-8000-${(asked += 1).toString(16).padStart(12, "0")}`,
  stackId,
  ...over,
});

let sent = 0;

export function anEvent(over: Record<string, unknown> = {}): Record<string, unknown> {
  sent += 1;
  return {
    specversion: "1.0",
    id: `e-${sent}`,
    source: "/player",
    type: `com.example.usage.${METER}`,
    time: new Date(NOW - 60_000).toISOString(),
    data: { quantity: "1.5" },
    ...over,
  };
}

/** The site's usage routes with one registered deployment, over memory stores and a strict STS. */
export async function aUsageSite(
  sts: StrictSts,
  over: Partial<Pick<UsageDeps, "recordUsage">> = {},
) {
  const world = aWorld(sts);
  const keys = [aKey("k1")];
  const tokens = usageTokens({ clock: world.clock, origin: AUDIENCE, keys: () => keys });
  const store = memoryUsageStore();
  const usageDeps = {
    ...world,
    clock: world.clock,
    tokens,
    recordUsage: (batch: Parameters<typeof recordUsage>[1]) =>
      recordUsage({ clock: world.clock, usageStore: store, meters: new Set([METER]) }, batch),
    ...over,
  };
  const app = usageRoutes(createUsageUseCases(usageDeps), world);

  const deploy = async (over: Partial<RoleSession> = {}) => {
    const role = aRoleSession(sts, over);
    const license = await anActiveLicense(world, { buyerAccountId: role.accountId });
    const { code } = await useCasesOf(world).issueInstallCode(sessionOf(license));
    const stackId = aStackId({ accountId: role.accountId });
    const create = aPayload({ installCode: code, stackId });
    const outcome = await useCasesOf(world).callback(await signedEnvelope(role, create));
    if (outcome.kind !== "accepted") throw new Error(outcome.refusal.error.message);
    const deploymentId = deploymentIdOf(stackId);
    return { role, stackId, licenseId: license.licenseId, deploymentId, create };
  };
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    Promise.resolve(app.request(path, { method: "POST", body, headers }));

  const proof = (
    role: RoleSession,
    payload: object | string,
    over: { now?: number; region?: string; audience?: string } = {},
  ) =>
    signedEnvelope(role, typeof payload === "string" ? payload : JSON.stringify(payload), {
      now: world.now,
      audience: `${AUDIENCE}${USAGE_TOKEN_PATH}`,
      ...over,
    });
  const askToken = async (envelope: unknown) => post(USAGE_TOKEN_PATH, JSON.stringify(envelope));

  const first = await deploy();
  return {
    ...first,
    world,
    keys,
    tokens,
    app,
    deploy,
    post,
    proof,
    askToken,
    usage: usageOf(store),
    /** A token for the deployment, the way a product gets it. */
    async token(of: { role: RoleSession; stackId: string } = first): Promise<string> {
      const response = await askToken(await proof(of.role, tokenPayload(of.stackId)));
      if (!response.ok) throw new Error(await response.text());
      return ((await response.json()) as UsageTokenAnswer).token;
    },
    send(token: string | undefined, body: unknown, type?: string) {
      const isBatch = Array.isArray(body);
      return post("/v1/usage", typeof body === "string" ? body : JSON.stringify(body), {
        "content-type":
          type ?? (isBatch ? "application/cloudevents-batch+json" : "application/cloudevents+json"),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      });
    },
  };
}

export type UsageSite = Awaited<ReturnType<typeof aUsageSite>>;

/** Status and code, for "why". */
export async function whyNot(response: Response): Promise<string> {
  if (response.ok) return `${response.status}`;
  const { code, status } = (await response.json()) as { code: string; status: number };
  const type = response.headers.get("content-type");
  return type === "application/problem+json" && status === response.status
    ? `${status} ${code}`
    : `${response.status} in another form`;
}
