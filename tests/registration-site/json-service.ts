import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface JsonCall {
  readonly action: string;
  readonly input: Record<string, unknown>;
}

/** What an AWS JSON service says: an answer, or an error by its exception's name. */
export type JsonReply =
  { readonly body: unknown } | { readonly error: string; readonly status?: number };

/** An AWS service of the JSON protocol, over real HTTP, answering by a function. */
export async function startJsonService(answer: (call: JsonCall) => Promise<JsonReply> | JsonReply) {
  const calls: JsonCall[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const action = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
      const input = JSON.parse(Buffer.concat(chunks).toString() || "{}") as JsonCall["input"];
      calls.push({ action, input });
      const reply = await answer({ action, input });
      const [status, body] =
        "error" in reply
          ? [reply.status ?? 400, { __type: reply.error, message: "no" }]
          : [200, reply.body];
      response.writeHead(status, { "content-type": "application/x-amz-json-1.0" });
      response.end(JSON.stringify(body));
    })();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    close: () =>
      new Promise<void>((done) => (server.close(() => done()), server.closeAllConnections())),
  };
}
