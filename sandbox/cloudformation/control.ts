import * as z from "zod";
import type { InjectedFailure } from "./failures.ts";
import type { RequestDeps } from "./requests/stack-requests.ts";

const PATH = "/_sandbox/cloudformation";

const failure = z.object({
  stackName: z.string().optional(),
  logicalId: z.string(),
  operation: z.enum(["create", "update", "delete"]),
  when: z.enum(["before", "after"]).default("before"),
  reason: z.string().default("A failure was injected"),
  times: z.int().positive().default(1),
});

/**
 * What tests and demonstrations steer: failures, resources that exist, objects in buckets, logs.
 *
 * - `GET, POST, DELETE /failures` list, add one, forget all
 * - `GET /resources?accountId=&region=` what exists, with or without a stack
 * - `PUT, DELETE /objects/<bucket>/<key>` fill and empty a bucket as the account's owner would
 * - `GET /logs?accountId=&region=&group=` lines as text
 * - `POST /settled` answers when nothing is in progress
 */
export function controlRoutes({
  engine,
  operations,
}: RequestDeps): (request: Request) => Promise<Response | undefined> {
  return async (request) => {
    const url = new URL(request.url);
    if (!url.pathname.startsWith(`${PATH}/`)) return undefined;
    const [kind, ...rest] = url.pathname
      .slice(PATH.length + 1)
      .split("/")
      .map(decodeURIComponent);
    const route = `${request.method} ${kind}`;
    switch (route) {
      case "GET failures":
        return Response.json(engine.failures.list());
      case "DELETE failures":
        engine.failures.clear();
        engine.context.changed();
        return new Response(null, { status: 204 });
      case "POST failures":
        return addFailure(request, (one) => {
          engine.failures.add(one);
          engine.context.changed();
        });
      case "GET resources":
        return Response.json(resources(engine.inventory, url.searchParams));
      case "PUT objects":
      case "DELETE objects":
        return object({ engine, operations }, request, rest);
      case "GET logs":
        return logs({ engine, operations }, url.searchParams);
      case "POST settled":
        await operations.settled();
        return new Response(null, { status: 204 });
      default:
        return Response.json({ message: `There is no ${route} here.` }, { status: 404 });
    }
  };
}

async function addFailure(
  request: Request,
  add: (failure: InjectedFailure) => void,
): Promise<Response> {
  const body = failure.safeParse(await request.json().catch(() => undefined));
  if (!body.success)
    return Response.json({ message: z.prettifyError(body.error) }, { status: 400 });
  const { stackName, ...one } = body.data;
  add(stackName === undefined ? one : { ...one, stackName });
  return Response.json(body.data, { status: 201 });
}

function resources(
  inventory: RequestDeps["engine"]["inventory"],
  query: URLSearchParams,
): Record<string, string>[] {
  const accountId = query.get("accountId");
  const region = query.get("region");
  return inventory
    .list(
      (one) =>
        (accountId === null || one.accountId === accountId) &&
        // Account-wide resources, such as roles, have no region.
        (region === null || one.region === region || one.region === ""),
    )
    .map((one) => ({
      type: one.type,
      accountId: one.accountId,
      region: one.region,
      physicalId: one.physicalId,
      stackId: one.stackId,
      logicalId: one.logicalId,
    }));
}

async function object(
  { engine }: RequestDeps,
  request: Request,
  [bucket = "", ...keyParts]: readonly string[],
): Promise<Response> {
  const key = keyParts.join("/");
  if (engine.buckets.get(bucket) === undefined || key === "") {
    return Response.json({ message: `There is no bucket ${bucket}.` }, { status: 404 });
  }
  if (request.method === "PUT") {
    const body = Buffer.from(await request.arrayBuffer());
    const contentType = request.headers.get("content-type") ?? "binary/octet-stream";
    engine.buckets.put({ bucket, key, body, contentType, at: engine.context.clock.now() });
  } else engine.buckets.removeObject(bucket, key);
  engine.context.changed();
  return new Response(null, { status: 204 });
}

function logs({ engine }: RequestDeps, query: URLSearchParams): Response {
  const name = {
    accountId: query.get("accountId") ?? "",
    region: query.get("region") ?? "",
    name: query.get("group") ?? "",
  };
  const lines = engine.logGroups.read(name);
  const written = lines.map(({ at, text }) => `${new Date(at).toISOString()} ${text}\n`).join("");
  return new Response(written, { headers: { "content-type": "text/plain; charset=utf-8" } });
}
