import type { Hono } from "hono";
import product from "../../../product.config.ts";
import { createApp, type SiteDeps } from "../../../registration-site/app.tsx";
import type { SiteEnv } from "../../../registration-site/routes/site-deps.ts";
import { permissionManifest } from "../../../template-src/publish/permission-manifest.ts";
import { synthesizeLaunchStack } from "../../../template-src/publish/synthesize.ts";
import type { PublishedTemplate } from "../../../registration-site/ports.ts";
import { memoryUseCases, type Memory } from "./memory-use-cases.ts";
import { aLicense, NOW } from "./samples.ts";

export const ORIGIN = "https://app.example.com";
export const SESSION_TOKEN = "sT2k".repeat(11);
export const CSRF = "cS8f".repeat(11);

/** The real template, so that the tables show what buyers will read. */
function publishedTemplate(): PublishedTemplate {
  const { json, sha256, version } = synthesizeLaunchStack({
    product,
    callbackUrl: `${ORIGIN}/callback`,
    audience: ORIGIN,
  });
  return {
    version,
    sha256,
    url: `https://fernhollow-templates.s3.us-east-1.amazonaws.com/launch-stack/${version}/${sha256.slice(0, 16)}.json`,
    ...permissionManifest(json),
    regions: product.launchStack.regions,
    sizes: product.launchStack.sizes,
  };
}

let template: PublishedTemplate | undefined;

export interface TestSite {
  readonly app: Hono<SiteEnv>;
  readonly memory: Memory;
  readonly logged: { level: string; message: string; fields: unknown }[];
  /** As a browser of the signed-in buyer asks. */
  readonly get: (path: string, headers?: Record<string, string>) => Promise<Response>;
  /** As that browser sends a form of ours; `csrf` is included unless given. */
  readonly post: (
    path: string,
    form?: Record<string, string>,
    headers?: Record<string, string>,
  ) => Promise<Response>;
}

export const sessionCookie = `__Host-session=${SESSION_TOKEN}`;

export function aSite(over: Partial<Memory> = {}, deps: Partial<SiteDeps> = {}): TestSite {
  template ??= publishedTemplate();
  const published = template;
  const license = aLicense();
  const session = {
    licenseId: license.licenseId,
    buyerAccountId: license.buyerAccountId,
    csrfToken: CSRF,
    expiresAt: NOW + 8 * 3_600_000,
  };
  const memory: Memory = {
    registration: { kind: "registered", session: SESSION_TOKEN, license },
    license,
    status: "active",
    deployments: [],
    statements: [],
    email: undefined,
    sessions: new Map([[SESSION_TOKEN, session]]),
    callbackAnswer: { kind: "accepted", answer: { deploymentId: "d-1", settings: {} } },
    planAnswer: { kind: "chosen" },
    changeAnswer: { kind: "changed", planId: "license", from: NOW },
    calls: [],
    ...over,
  };
  const logged: TestSite["logged"] = [];
  const app = createApp({
    useCases: memoryUseCases(memory),
    product,
    template: () => published,
    launchUrl: ({ region, size, code }) =>
      `https://${region}.console.aws.amazon.com/cloudformation/home?region=${region}#/stacks/create/review?param_InstallCode=${code.code}&param_Size=${size}`,
    origin: ORIGIN,
    marketplaceUrl: "https://console.aws.amazon.com/marketplace/home#/subscriptions",
    clock: { now: () => NOW },
    secureCookies: true,
    log: (level, message, fields) => logged.push({ level, message, fields }),
    ...deps,
  });
  return {
    app,
    memory,
    logged,
    get: async (path, headers = {}) =>
      app.request(path, { headers: { cookie: sessionCookie, ...headers } }),
    post: async (path, form = {}, headers = {}) =>
      app.request(path, {
        method: "POST",
        headers: {
          cookie: sessionCookie,
          origin: ORIGIN,
          "content-type": "application/x-www-form-urlencoded",
          ...headers,
        },
        body: new URLSearchParams({ csrf: CSRF, ...form }).toString(),
      }),
  };
}
