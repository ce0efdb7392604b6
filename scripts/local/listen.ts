import { serve } from "@hono/node-server";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Listening {
  readonly origin: string;
  close(): Promise<void>;
}

/** A port that is known before anything answers on it: its number is baked into the template. */
export async function reservePort(port: number): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once("error", (error: NodeJS.ErrnoException) => reject(portError(port, error)));
    probe.listen(port, "127.0.0.1", resolve);
  });
  const taken = (probe.address() as AddressInfo).port;
  await new Promise((resolve) => probe.close(resolve));
  return taken;
}

/** Serves on 127.0.0.1 only: what runs on a laptop is nobody else's business. */
export async function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  port: number,
): Promise<Listening> {
  const server = await new Promise<Server>((resolve, reject) => {
    const started = serve({ fetch, port, hostname: "127.0.0.1" }, () => resolve(started)) as Server;
    started.once("error", (error: NodeJS.ErrnoException) => reject(portError(port, error)));
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
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
