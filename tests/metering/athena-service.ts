import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { AthenaClient } from "@aws-sdk/client-athena";
import { onTestFinished } from "vitest";

/** Rows of one result; the first one names the columns, as Athena answers. */
export type Result = readonly (readonly string[])[];

/**
 * Athena on the wire, as strict as it is: a query is started in a work group, looked at until it is
 * over, and its result comes in pages whose token belongs to it.
 */
export async function athenaService(of: {
  readonly workGroup: string;
  readonly result: (sql: string) => Result | { readonly failed: string };
  readonly pageSize?: number;
}) {
  const queries: { sql: string; looks: number }[] = [];
  const bad = (message: string) => ({ __type: "InvalidRequestException", Message: message });
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  const answer = (target: string, input: Record<string, unknown>): Record<string, unknown> => {
    if (target === "AmazonAthena.StartQueryExecution") {
      if (input["WorkGroup"] !== of.workGroup) return bad("WorkGroup is not found.");
      if (text(input["ClientRequestToken"]).length < 32) return bad("ClientRequestToken");
      queries.push({ sql: String(input["QueryString"]), looks: 0 });
      return { QueryExecutionId: `query-${queries.length - 1}` };
    }
    const id = String(input["QueryExecutionId"]);
    const query = queries[Number(id.replace("query-", ""))];
    if (query === undefined) return bad(`QueryExecution ${id} was not found`);
    const result = of.result(query.sql);
    const isOver = query.looks >= 2;
    if (target === "AmazonAthena.GetQueryExecution") {
      query.looks += 1;
      const Status =
        query.looks < 2
          ? { State: query.looks === 0 ? "QUEUED" : "RUNNING" }
          : "failed" in result
            ? { State: "FAILED", StateChangeReason: result.failed }
            : { State: "SUCCEEDED" };
      return { QueryExecution: { QueryExecutionId: id, Status } };
    }
    if (target !== "AmazonAthena.GetQueryResults") return bad(`unknown ${target}`);
    if (!isOver || "failed" in result) return bad("Query has not yet finished.");
    const token = input["NextToken"];
    const from = token === undefined ? 0 : Number(text(token).replace(`${id}:`, ""));
    if (Number.isNaN(from)) return bad("NextToken is of another query.");
    const to = from + (of.pageSize ?? 1000);
    const Rows = result.slice(from, to).map((row) => ({
      Data: row.map((text) => (text === "" ? {} : { VarCharValue: text })),
    }));
    return { ResultSet: { Rows }, ...(to < result.length ? { NextToken: `${id}:${to}` } : {}) };
  };
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const input = JSON.parse(Buffer.concat(pieces).toString()) as Record<string, unknown>;
      const body = answer(String(request.headers["x-amz-target"]), input);
      response.writeHead("__type" in body ? 400 : 200, {
        "content-type": "application/x-amz-json-1.1",
      });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const client = new AthenaClient({
    region: "us-east-1",
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "secret" },
    maxAttempts: 1,
  });
  onTestFinished(() => {
    client.destroy();
    server.close();
  });
  return { client, queries };
}
