import { Hono, type Context } from "hono";
import { getCookie } from "hono/cookie";
import { csrf } from "hono/csrf";
import { AwsError } from "../../aws-service.ts";
import type { SandboxBuyer } from "../../create-sandbox.ts";
import { ACCOUNT_COOKIE } from "../../pages/web-pages.tsx";
import { findStack, stacksIn, type AccountInRegion } from "../requests/find-stack.ts";
import { requestDelete, type RequestDeps } from "../requests/stack-requests.ts";
import type { Stack } from "../stacks/stack.ts";
import type { Watchers } from "../watchers.ts";
import { DeletePage } from "./change-pages.tsx";
import { CONSOLE_SCRIPT } from "./console-script.ts";
import { createRoutes } from "./create-routes.tsx";
import { streamOf } from "./event-stream.tsx";
import type { FrameProps } from "./frame.tsx";
import { FragmentPage, LogsPage, ProblemPage } from "./small-pages.tsx";
import { StackList, stackPath } from "./stack-list.tsx";
import { StackPage } from "./stack-page.tsx";
import { updateRoutes } from "./update-routes.tsx";

export interface ConsoleDeps extends RequestDeps {
  readonly buyers: readonly SandboxBuyer[];
  readonly watchers: Watchers;
}

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "img-src 'self' data:",
  "script-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "form-action 'self'",
].join("; ");

/** CloudFormation's console, server-rendered. */
export function consolePages(
  deps: ConsoleDeps,
): (request: Request) => Promise<Response | undefined> {
  const app = new Hono();
  // Another site must not create stacks in the person's name.
  app.use(csrf());
  app.use(async (c, next) => {
    await next();
    c.header("cache-control", "no-store");
    c.header("content-security-policy", CONTENT_SECURITY_POLICY);
    c.header("x-content-type-options", "nosniff");
  });
  readRoutes(app, deps);
  createRoutes(app, deps);
  updateRoutes(app, deps);
  deleteRoutes(app, deps);
  return async (request) => {
    const own = new URL(request.url).pathname.startsWith("/cloudformation/");
    return own ? app.fetch(request) : undefined;
  };
}

function readRoutes(app: Hono, deps: ConsoleDeps): void {
  const { engine } = deps;
  app.get("/cloudformation/console.js", (c) =>
    c.body(CONSOLE_SCRIPT, 200, { "content-type": "text/javascript; charset=utf-8" }),
  );
  app.get("/cloudformation/home", (c) =>
    c.html(<FragmentPage {...frame(deps, c, "CloudFormation")} />),
  );
  app.get("/cloudformation/stacks", (c) =>
    c.html(<StackList {...frame(deps, c, "Stacks")} stacks={stacksIn(engine, where(deps, c))} />),
  );
  app.get("/cloudformation/stack", (c) => {
    const stack = stackAsked(deps, c, c.req.query("stackId"));
    if (stack === undefined) return noStack(deps, c);
    return c.html(<StackPage {...frame(deps, c, stack.name)} stack={stack} problem={undefined} />);
  });
  app.get("/cloudformation/stream", (c) => {
    const stack = stackAsked(deps, c, c.req.query("stackId"));
    if (stack === undefined) return c.text("This account has no such stack.", 404);
    return streamOf(deps.watchers, stack);
  });
  app.get("/cloudformation/logs", (c) => {
    const group = { ...where(deps, c), name: c.req.query("group") ?? "" };
    return c.html(
      <LogsPage
        {...frame(deps, c, "Logs")}
        group={group.name}
        deleted={engine.logGroups.isDeleted(group)}
        lines={engine.logGroups.read(group)}
      />,
    );
  });
}

function deleteRoutes(app: Hono, deps: ConsoleDeps): void {
  app.get("/cloudformation/delete", (c) => {
    const stack = stackAsked(deps, c, c.req.query("stackId"));
    if (stack === undefined) return noStack(deps, c);
    return c.html(<DeletePage {...frame(deps, c, `Delete ${stack.name}`)} stack={stack} />);
  });
  app.post("/cloudformation/delete", async (c) => {
    const form = await formOf(c);
    const region = form.region ?? "";
    const stack = stackAsked(deps, c, form.stackId, region);
    if (stack === undefined) return noStack(deps, c);
    try {
      requestDelete(deps, where(deps, c, region), stack.id, []);
    } catch (error) {
      const page = frame(deps, c, stack.name, region);
      return c.html(<StackPage {...page} stack={stack} problem={refusal(error)} />, 400);
    }
    return c.redirect(stackPath(stack), 303);
  });
}

export async function formOf(c: Context): Promise<Record<string, string>> {
  const body = await c.req.parseBody();
  return Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) =>
      typeof value === "string" ? [[name, value] as const] : [],
    ),
  );
}

export function stackAsked(
  deps: ConsoleDeps,
  c: Context,
  stackId: string | undefined,
  region?: string,
): Stack | undefined {
  return findStack(deps.engine, where(deps, c, region), stackId ?? "");
}

export function noStack(deps: ConsoleDeps, c: Context) {
  const page = frame(deps, c, "No such stack");
  const message = `Account ${page.account.accountId} has no such stack in ${page.region || "this region"}. It may belong to another account: switch above.`;
  return c.html(<ProblemPage {...page} message={message} />, 404);
}

/** What CloudFormation refused, in its words. Anything else is a bug and goes on. */
export function refusal(error: unknown): string {
  if (error instanceof AwsError) return error.message;
  throw error;
}

export function where(deps: ConsoleDeps, c: Context, region?: string): AccountInRegion {
  return { accountId: signedIn(deps, c).accountId, region: region ?? regionOf(c) };
}

function signedIn({ buyers }: ConsoleDeps, c: Context): SandboxBuyer {
  const chosen = getCookie(c, ACCOUNT_COOKIE);
  const account = buyers.find(({ accountId }) => accountId === chosen) ?? buyers[0];
  if (account === undefined) throw new Error("the sandbox was started without a buyer");
  return account;
}

function regionOf(c: Context): string {
  const region = c.req.query("region") ?? "";
  return /^[a-z]{2,4}(-[a-z]+)+-\d$/.test(region) ? region : "us-east-1";
}

export function frame(deps: ConsoleDeps, c: Context, title: string, region?: string): FrameProps {
  const { pathname, search } = new URL(c.req.url);
  return {
    title,
    region: region ?? regionOf(c),
    now: deps.engine.context.clock.now(),
    buyers: deps.buyers,
    account: signedIn(deps, c),
    path: pathname + search,
  };
}
