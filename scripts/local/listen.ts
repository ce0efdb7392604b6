import { serve } from "@hono/node-server";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface OpenPort {
  readonly origin: string;
  /** From now on, this answers; until then everybody is asked to come back. */
  answerWith(fetch: Fetch): void;
  close(): Promise<void>;
}

type Fetch = (request: Request) => Response | Promise<Response>;

/**
 * Takes a port before anything is there to answer on it: its number is baked into the template.
 * On 127.0.0.1 only: what runs on a laptop is nobody else's business.
 */
export async function openPort(port: number): Promise<OpenPort> {
  let answer: Fetch = () =>
    new Response("Starting.\n", { status: 503, headers: { "retry-after": "1" } });
  const fetch: Fetch = (request) => answer(request);
  const server = await new Promise<Server>((resolve, reject) => {
    const started = serve({ fetch, port, hostname: "127.0.0.1" }, () => resolve(started)) as Server;
    started.once("error", (error: NodeJS.ErrnoException) => reject(portError(port, error)));
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answerWith(next) {
      answer = next;
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function portError(port: number, error: NodeJS.ErrnoException): Error {
  if (error.code === "EADDRINUSE") {
    return new Error(
      `port ${port} is taken by another program (perhaps another Launchmeter). Stop it, or choose other ports with --port and --sandbox-port.`,
      { cause: error },
    );
  }
  return new Error(`port ${port} can't be used: ${error.message}`, { cause: error });
}
