import { randomUUID } from "node:crypto";
import { AwsError, type Caller } from "../aws-service.ts";
import type { SandboxContext, SandboxPart } from "../sandbox.ts";
import { createBuckets, type Bucket, type Buckets } from "./buckets.ts";
import { objectIn } from "./s3-body.ts";

export interface S3Part extends SandboxPart {
  readonly buckets: Buckets;
}

/**
 * S3 in path style, as SDKs call a host that is an IP address. Templates are published here.
 *
 * It takes every signed request for S3, and unsigned ones only for buckets that exist, so it
 * stands after all parts with pages of their own.
 */
export function s3Part(context: SandboxContext): S3Part {
  const buckets = createBuckets();
  return {
    services: [],
    buckets,
    async fetch(request) {
      const path = decodeURIComponent(new URL(request.url).pathname.slice(1));
      const slash = path.indexOf("/");
      const bucket = slash === -1 ? path : path.slice(0, slash);
      const key = slash === -1 ? "" : path.slice(slash + 1);
      const signed = /\/s3\/aws4_request/.test(request.headers.get("authorization") ?? "");
      if (!signed && buckets.get(bucket) === undefined) return undefined;
      try {
        return await answer({ context, buckets }, request, { bucket, key, signed });
      } catch (error) {
        if (error instanceof AwsError) return errorAnswer(error, request, path);
        throw error;
      }
    },
    snapshot: () => buckets.snapshot(),
    restore: (saved) => buckets.restore(saved as ReturnType<Buckets["snapshot"]>),
  };
}

interface Deps {
  readonly context: SandboxContext;
  readonly buckets: Buckets;
}

interface Target {
  readonly bucket: string;
  /** Empty for the bucket itself. */
  readonly key: string;
  readonly signed: boolean;
}

async function answer(deps: Deps, request: Request, target: Target): Promise<Response> {
  const body = Buffer.from(await request.arrayBuffer());
  const caller = target.signed ? authenticated(deps, request, body) : undefined;
  const { bucket, key } = target;
  const operation = `${request.method} ${key === "" ? "bucket" : "object"}`;
  switch (operation) {
    case "PUT bucket":
      return createBucket(deps, bucket, required(caller), regionOf(request));
    case "HEAD bucket":
      allowedIn(deps, bucket, caller, "s3:ListBucket");
      return new Response(null, { status: 200 });
    case "DELETE bucket":
      return deleteBucket(deps, bucket, caller);
    case "GET bucket":
      return listObjects(deps, bucket, caller, new URL(request.url).searchParams);
    case "PUT object":
      return putObject(deps, request, target, caller, body);
    case "GET object":
    case "HEAD object":
      return getObject(deps, request, target, caller);
    case "DELETE object":
      allowedIn(deps, bucket, caller, "s3:DeleteObject", key);
      deps.buckets.removeObject(bucket, key);
      deps.context.changed();
      return new Response(null, { status: 204 });
    default:
      throw new AwsError("MethodNotAllowed", "The sandbox's S3 does not do this.", { status: 405 });
  }
}

function authenticated({ context }: Deps, request: Request, body: Buffer): Caller {
  const url = new URL(request.url);
  const headers = new Map([...request.headers].map(([name, value]) => [name, [value]]));
  const target = url.pathname + url.search;
  return context.authenticate({ method: request.method, target, headers, body }, "s3");
}

function required(caller: Caller | undefined): Caller {
  if (caller === undefined) throw new AwsError("AccessDenied", "Access Denied", { status: 403 });
  return caller;
}

function regionOf(request: Request): string {
  const scope = /Credential=[^/]+\/\d{8}\/([^/]+)\//.exec(
    request.headers.get("authorization") ?? "",
  );
  return scope?.[1] ?? "us-east-1";
}

/** The bucket, if the caller may do this in it: its owner's account, by its policies. */
function allowedIn(
  { context, buckets }: Deps,
  name: string,
  caller: Caller | undefined,
  action: string,
  key?: string,
): Bucket {
  const bucket = buckets.get(name);
  if (bucket === undefined) {
    throw new AwsError("NoSuchBucket", "The specified bucket does not exist", { status: 404 });
  }
  const partition = caller?.partition ?? "aws";
  const resource = `arn:${partition}:s3:::${name}${key === undefined ? "" : `/${key}`}`;
  const own =
    caller !== undefined &&
    caller.accountId === bucket.accountId &&
    context.iam.isAllowed(caller, action, resource);
  const published = bucket.publicRead && action === "s3:GetObject";
  if (!own && !published) throw new AwsError("AccessDenied", "Access Denied", { status: 403 });
  return bucket;
}

/** Paths of the sandbox's own pages. */
const TAKEN_NAMES = ["cloudformation", "custom-resource-response", "_sandbox", "service"];

function createBucket(deps: Deps, name: string, caller: Caller, region: string): Response {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) || TAKEN_NAMES.includes(name)) {
    throw new AwsError("InvalidBucketName", "The specified bucket is not valid.");
  }
  const { accountId } = caller;
  if (deps.buckets.create({ name, accountId, region, publicRead: true }) === "exists") {
    const own = deps.buckets.get(name)?.accountId === accountId;
    throw own
      ? new AwsError("BucketAlreadyOwnedByYou", "You already own this bucket.", { status: 409 })
      : new AwsError("BucketAlreadyExists", "This name is taken.", { status: 409 });
  }
  deps.context.changed();
  return new Response(null, { status: 200, headers: { location: `/${name}` } });
}

function deleteBucket(deps: Deps, name: string, caller: Caller | undefined): Response {
  allowedIn(deps, name, caller, "s3:DeleteBucket");
  if (deps.buckets.remove(name) === "not-empty") {
    throw new AwsError("BucketNotEmpty", "The bucket you tried to delete is not empty", {
      status: 409,
    });
  }
  deps.context.changed();
  return new Response(null, { status: 204 });
}

function listObjects(
  deps: Deps,
  name: string,
  caller: Caller | undefined,
  query: URLSearchParams,
): Response {
  allowedIn(deps, name, caller, "s3:ListBucket");
  const prefix = query.get("prefix") ?? "";
  const keys = deps.buckets.keys(name).filter((key) => key.startsWith(prefix));
  const contents = keys.map((key) => {
    const { etag, body, lastModified } = deps.buckets.getObject(name, key)!;
    const time = new Date(lastModified).toISOString();
    return `<Contents><Key>${escaped(key)}</Key><LastModified>${time}</LastModified><ETag>${escaped(etag)}</ETag><Size>${body.byteLength}</Size></Contents>`;
  });
  return xml(
    200,
    `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${name}</Name><Prefix>${escaped(prefix)}</Prefix><KeyCount>${keys.length}</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>${contents.join("")}</ListBucketResult>`,
  );
}

function putObject(
  deps: Deps,
  request: Request,
  { bucket, key }: Target,
  caller: Caller | undefined,
  body: Buffer,
): Response {
  allowedIn(deps, bucket, caller, "s3:PutObject", key);
  // What is published stays as it is (design I9): publishers ask for this.
  const onlyNew = request.headers.get("if-none-match") === "*";
  if (onlyNew && deps.buckets.getObject(bucket, key) !== undefined) {
    throw new AwsError(
      "PreconditionFailed",
      "At least one of the pre-conditions you specified did not hold",
      { status: 412 },
    );
  }
  const etag = deps.buckets.put({
    bucket,
    key,
    body: objectIn(request.headers, body),
    contentType: request.headers.get("content-type") ?? "binary/octet-stream",
    at: deps.context.clock.now(),
  });
  deps.context.changed();
  return new Response(null, { status: 200, headers: { etag } });
}

function getObject(
  deps: Deps,
  request: Request,
  { bucket, key }: Target,
  caller: Caller | undefined,
): Response {
  allowedIn(deps, bucket, caller, "s3:GetObject", key);
  const object = deps.buckets.getObject(bucket, key);
  if (object === undefined) {
    throw new AwsError("NoSuchKey", "The specified key does not exist.", { status: 404 });
  }
  const headers = {
    etag: object.etag,
    "content-type": object.contentType,
    "content-length": String(object.body.byteLength),
    "last-modified": new Date(object.lastModified).toUTCString(),
    // Objects are others' content: a browser must not run them on the console's origin.
    "content-security-policy": "sandbox",
    "x-content-type-options": "nosniff",
  };
  if (request.headers.get("if-none-match") === object.etag) {
    return new Response(null, { status: 304, headers: { etag: object.etag } });
  }
  const onlyIf = request.headers.get("if-match");
  if (onlyIf !== null && onlyIf !== object.etag) {
    throw new AwsError(
      "PreconditionFailed",
      "At least one of the pre-conditions you specified did not hold",
      { status: 412 },
    );
  }
  if (request.method === "HEAD") return new Response(null, { status: 200, headers });
  const body = new Uint8Array(object.body);
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get("range") ?? "") ?? [];
  if (first === undefined) return new Response(body, { status: 200, headers });
  const part = body.slice(Number(first), Number(last) + 1);
  if (part.length === 0) {
    throw new AwsError("InvalidRange", "The requested range is not satisfiable", { status: 416 });
  }
  const range = `bytes ${first}-${Number(first) + part.length - 1}/${body.length}`;
  const sent = { ...headers, "content-length": String(part.length), "content-range": range };
  return new Response(part, { status: 206, headers: sent });
}

function errorAnswer(error: AwsError, request: Request, path: string): Response {
  if (request.method === "HEAD") return new Response(null, { status: error.status });
  return xml(
    error.status,
    `<Error><Code>${error.code}</Code><Message>${escaped(error.message)}</Message><Resource>/${escaped(path)}</Resource><RequestId>${randomUUID()}</RequestId></Error>`,
  );
}

function xml(status: number, body: string): Response {
  return new Response(`<?xml version="1.0" encoding="UTF-8"?>\n${body}`, {
    status,
    headers: { "content-type": "application/xml" },
  });
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
