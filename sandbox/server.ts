import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { SandboxClock } from "./sandbox.ts";
import type { SignedRequest } from "./wire/signature-v4.ts";

/** A request as it arrived, read to its end. */
export interface ReceivedRequest extends SignedRequest {
  readonly path: string;
  header(name: string): string | undefined;
  /** For parts with routes of their own. */
  toFetch(): Request;
}

export interface PlainAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

/** `cut`: the caller gets no answer at all. */
export type ServerAnswer = PlainAnswer | Response | "cut";

export interface ServerDeps {
  readonly clock: SandboxClock;
  readonly answer: (request: ReceivedRequest) => Promise<ServerAnswer>;
  /** Awaited before a byte of the answer leaves: what was answered survives a kill. */
  readonly flush: () => Promise<void>;
}

/** BatchMeterUsage is the largest, below 1 MB; S3 objects (templates) stay below this too. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

const KEEP_ALIVE_MS = 65_000;

export function sandboxServer({ clock, answer, flush }: ServerDeps): Server {
  const server = createServer((incoming, outgoing) => {
    void respond(incoming, outgoing).catch((error: unknown) => {
      // The caller left in the middle of its request: nobody waits for an answer.
      if (incoming.errored !== null) return;
      console.error("The sandbox failed to answer", incoming.method, incoming.url, error);
      if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(500).end("The sandbox failed; its console says why.\n");
    });
  });
  // SDKs keep connections open; closing one at the moment of its reuse looks like a lost answer.
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  return server;

  async function respond(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    outgoing.sendDate = false;
    const body = await bodyOf(incoming);
    if (body === undefined) {
      outgoing.writeHead(413, dated({ connection: "close" })).end("The body is too large.\n");
      return;
    }
    const result = await answer(received(incoming, body));
    await flush();
    if (result === "cut") {
      incoming.socket.destroy();
    } else if (result instanceof Response) {
      await sendResponse(result, outgoing);
    } else {
      outgoing.writeHead(result.status, dated(result.headers)).end(result.body);
    }
  }

  // SDKs correct their own signing time by this header (feasibility §3).
  function dated(headers: Readonly<Record<string, string>>): Record<string, string> {
    return { date: new Date(clock.now()).toUTCString(), ...headers };
  }

  async function sendResponse(response: Response, outgoing: ServerResponse): Promise<void> {
    const headers: Record<string, string | string[]> = {};
    for (const [name, value] of response.headers) headers[name] = value;
    const cookies = response.headers.getSetCookie();
    if (cookies.length > 0) headers["set-cookie"] = cookies;
    headers["date"] = new Date(clock.now()).toUTCString();
    outgoing.writeHead(response.status, headers);
    if (response.body === null) {
      outgoing.end();
      return;
    }
    const stream = Readable.fromWeb(response.body);
    await new Promise<void>((resolve) => {
      // Closed early means the browser left: the source has to stop, too.
      outgoing.once("close", () => {
        stream.destroy();
        resolve();
      });
      stream.once("error", () => outgoing.destroy());
      stream.pipe(outgoing);
    });
  }
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function received(incoming: IncomingMessage, body: Buffer): ReceivedRequest {
  const headers = new Map<string, string[]>();
  for (let index = 0; index < incoming.rawHeaders.length; index += 2) {
    const name = (incoming.rawHeaders[index] ?? "").toLowerCase();
    const value = incoming.rawHeaders[index + 1] ?? "";
    headers.set(name, [...(headers.get(name) ?? []), value]);
  }
  const method = incoming.method ?? "GET";
  const target = incoming.url ?? "/";
  const path = target.split("?", 1)[0] ?? "/";
  return {
    method,
    target,
    path,
    headers,
    body,
    header: (name) => headers.get(name)?.join(","),
    toFetch() {
      const pairs = [...headers].flatMap(([name, values]) =>
        values.map((value): [string, string] => [name, value]),
      );
      const bodiless = method === "GET" || method === "HEAD";
      return new Request(urlOf(headers.get("host")?.[0], target), {
        method,
        headers: pairs.filter(([name]) => !HOP_BY_HOP.includes(name)),
        ...(bodiless ? {} : { body }),
      });
    },
  };
}

/** `new URL(target, base)` would take `//host/path` for another host. */
function urlOf(host: string | undefined, target: string): string {
  const url = `http://${host ?? "127.0.0.1"}${target}`;
  return target.startsWith("/") && URL.canParse(url) ? url : "http://127.0.0.1/";
}

const HOP_BY_HOP = ["connection", "keep-alive", "transfer-encoding", "expect", "upgrade"];
