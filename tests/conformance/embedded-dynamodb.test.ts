import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, describe, expect, it } from "vitest";
import { startEmbeddedDynamoDb } from "../../metering/adapters/embedded-dynamodb.ts";
import { documentClient, ensureTables, tableNames } from "../../metering/adapters/tables.ts";

const folder = mkdtempSync(join(tmpdir(), "launchmeter-store-"));
afterAll(() => rmSync(folder, { recursive: true }));

const key = (sk: string) => ({ pk: "a", sk });

async function withClient<T>(
  endpoint: string,
  use: (client: DynamoDBClient) => Promise<T>,
): Promise<T> {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new DynamoDBClient({ endpoint, region: "us-east-1", credentials });
  try {
    return await use(client);
  } finally {
    client.destroy();
  }
}

function itemAt(endpoint: string, sk: string): Promise<Record<string, unknown> | undefined> {
  return withClient(endpoint, async (client) => {
    const command = new GetCommand({ TableName: tableNames.ledger, Key: key(sk) });
    return (await documentClient(client).send(command)).Item;
  });
}

function putAt(endpoint: string, sk: string): Promise<unknown> {
  return withClient(endpoint, (client) =>
    documentClient(client).send(
      new PutCommand({ TableName: tableNames.ledger, Item: { ...key(sk), usd: "0.1" } }),
    ),
  );
}

describe("the embedded store", () => {
  it("keeps tables and items over a restart", async () => {
    const dir = join(folder, "restart");
    const first = await startEmbeddedDynamoDb({ dir });
    await withClient(first.endpoint, ensureTables);
    await putAt(first.endpoint, "kept");
    await first.close();

    const second = await startEmbeddedDynamoDb({ dir });
    await withClient(second.endpoint, ensureTables);

    expect(await itemAt(second.endpoint, "kept")).toEqual({ ...key("kept"), usd: "0.1" });
    await second.close();
  });

  it("keeps what was acknowledged before a kill, and leaves no lock behind", async () => {
    const dir = join(folder, "killed");
    const child = spawn(
      process.execPath,
      ["--import", "tsx", fileURLToPath(new URL("store-in-a-process.ts", import.meta.url)), dir],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    const exited = new Promise((done) => child.once("exit", done));
    let acknowledged = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged = Number(line);
      if (acknowledged >= 200) break;
    }
    child.kill("SIGKILL");
    await exited;

    const store = await startEmbeddedDynamoDb({ dir });

    for (const n of [1, 100, acknowledged]) {
      expect(await itemAt(store.endpoint, String(n))).toMatchObject({ n });
    }
    await store.close();
  });

  it("says which folder another Launchmeter uses and what to do", async () => {
    const dir = join(folder, "locked");
    const first = await startEmbeddedDynamoDb({ dir });

    await expect(startEmbeddedDynamoDb({ dir })).rejects.toThrow(
      `The data folder ${dir} is in use by another Launchmeter. Stop that one first`,
    );

    await withClient(first.endpoint, ensureTables);
    await first.close();
    await (await startEmbeddedDynamoDb({ dir })).close();
  });

  it("says that a file is not a folder", async () => {
    const dir = join(folder, "a-file");
    writeFileSync(dir, "");

    await expect(startEmbeddedDynamoDb({ dir })).rejects.toThrow(
      `The data folder ${dir} can't be opened`,
    );
  });

  it("survives a client that hangs up in the middle of a request", async () => {
    const store = await startEmbeddedDynamoDb({});
    const socket = connect(Number(new URL(store.endpoint).port), "127.0.0.1");
    await new Promise((done) => socket.once("connect", done));
    socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf of it");
    await new Promise((done) => setImmediate(done));
    socket.destroy();
    await new Promise((done) => socket.once("close", done));

    await withClient(store.endpoint, ensureTables);
    await putAt(store.endpoint, "after");

    expect(await itemAt(store.endpoint, "after")).toBeDefined();
    await store.close();
  });

  it("creates the tables once, however often it is asked, and at once by several", async () => {
    const store = await startEmbeddedDynamoDb({});

    await Promise.all([1, 2, 3].map(() => withClient(store.endpoint, ensureTables)));

    await putAt(store.endpoint, "works");
    await store.close();
  });
});
