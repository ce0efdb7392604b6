import { mkdirSync } from "node:fs";
import type { Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import dynalite from "dynalite";

export interface EmbeddedDynamoDb {
  /** `http://127.0.0.1:<port>`, for any DynamoDB client with any credentials. */
  readonly endpoint: string;
  close(): Promise<void>;
}

/**
 * A DynamoDB-compatible store inside this process, so that a laptop needs nothing installed.
 *
 * With `dir`, what was acknowledged survives a restart and a kill; without, it lives in memory.
 * Throws an Error with a sentence for the person at the terminal when the folder can't be used.
 */
export async function startEmbeddedDynamoDb(options: { dir?: string }): Promise<EmbeddedDynamoDb> {
  const folder = options.dir === undefined ? undefined : resolve(options.dir);
  const lock = folder === undefined ? undefined : await lockFolder(folder);
  const server = dynalite({
    ...(folder === undefined ? {} : { path: join(folder, "data") }),
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
  });
  surviveAbortedRequests(server);
  const port = await listen(server);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    close: async () => {
      await closeServer(server);
      await lock?.close();
    },
  };
}

interface LevelDatabase {
  open(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Holds the folder for as long as this process lives.
 *
 * The store opens its database lazily and would end the whole process when another one holds it,
 * so an empty LevelDB beside the data is the lock: the operating system releases it even after a
 * kill, on every platform, so that no stale lock file is ever left to a person to remove.
 */
async function lockFolder(folder: string): Promise<LevelDatabase> {
  const fromStore = createRequire(createRequire(import.meta.url).resolve("dynalite"));
  const { Level } = fromStore("level") as { Level: new (path: string) => LevelDatabase };
  try {
    mkdirSync(folder, { recursive: true });
    const lock = new Level(join(folder, "lock"));
    await lock.open();
    return lock;
  } catch (error) {
    throw new Error(folderSentence(folder, error), { cause: error });
  }
}

function folderSentence(folder: string, error: unknown): string {
  if (causesOf(error).some((cause) => cause.code === "LEVEL_LOCKED")) {
    return (
      `The data folder ${folder} is in use by another Launchmeter. ` +
      "Stop that one first, or give this one a data folder of its own."
    );
  }
  const reason = causesOf(error).at(-1)?.message ?? String(error);
  return (
    `The data folder ${folder} can't be opened (${reason}). ` +
    "Check that it is a folder you may write to, or choose another one."
  );
}

function causesOf(error: unknown): (Error & { code?: string })[] {
  return error instanceof Error ? [error, ...causesOf(error.cause)] : [];
}

/**
 * The store rethrows a request's "aborted" error, which would end this process because one of its
 * clients gave up waiting; the request's answer has nobody left to read it, so it is dropped.
 */
function surviveAbortedRequests(server: Server): void {
  for (const listener of server.listeners("request")) {
    server.off("request", listener as () => void);
    server.on("request", (request, response) => {
      (listener as (...args: unknown[]) => void)(request, response);
      request.removeAllListeners("error");
      request.on("error", () => response.destroy());
    });
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((done, failed) => {
    server.once("error", failed);
    server.listen(0, "127.0.0.1", () => {
      server.off("error", failed);
      done((server.address() as AddressInfo).port);
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((done, failed) => {
    server.close((error) => (error ? failed(error) : done()));
    server.closeAllConnections();
  });
}
