import { describe, expect, it } from "vitest";
import { readAnswer } from "../../../sandbox/cloudformation/custom-resources/custom-answer.ts";
import {
  createResponseUrls,
  type Arrival,
} from "../../../sandbox/cloudformation/custom-resources/response-urls.ts";

const REQUEST = { requestId: "r-1", stackId: "stack-1", logicalResourceId: "Thing" };

function answered(body: object) {
  const identity = { RequestId: "r-1", StackId: "stack-1", LogicalResourceId: "Thing" };
  return readAnswer({ kind: "body", text: JSON.stringify({ ...identity, ...body }) }, REQUEST);
}

function anUrl() {
  const urls = createResponseUrls({ origin: () => "http://127.0.0.1:1" });
  const arrivals: Arrival[] = [];
  const open = urls.open((arrival) => arrivals.push(arrival));
  const put = async (body: string, headers: Record<string, string> = {}, method = "PUT") =>
    urls.fetch(
      new Request(open.url, {
        method,
        headers: { "content-length": String(Buffer.byteLength(body)), ...headers },
        ...(method === "GET" ? {} : { body: Buffer.from(body) }),
      }),
    );
  return { urls, arrivals, open, put };
}

describe("a response URL", () => {
  it("takes a PUT with an empty content type", async () => {
    const { put, arrivals } = anUrl();

    const response = await put("{}", { "content-type": "" });

    expect(response?.status).toBe(200);
    expect(arrivals).toEqual([{ kind: "body", text: "{}" }]);
  });

  it("refuses a content type, as a presigned PUT may", async () => {
    const { put, arrivals } = anUrl();

    const response = await put("{}", { "content-type": "application/json" });

    expect(response?.status).toBe(403);
    expect(await response?.text()).toContain("SignatureDoesNotMatch");
    expect(arrivals).toEqual([]);
  });

  it.each(["GET", "POST"])("refuses %s", async (method) => {
    expect((await anUrl().put("", {}, method))?.status).toBe(403);
  });

  it("refuses a guessed address and leaves other paths alone", async () => {
    const { urls } = anUrl();
    const guessed = new Request("http://127.0.0.1:1/custom-resource-response/guess", {
      method: "PUT",
      body: "{}",
    });

    expect((await urls.fetch(guessed))?.status).toBe(403);
    expect(await urls.fetch(new Request("http://127.0.0.1:1/other"))).toBeUndefined();
  });

  it("takes a late answer and ignores it", async () => {
    const { put, open, arrivals } = anUrl();
    open.close();

    expect((await put("{}"))?.status).toBe(200);
    expect(arrivals).toEqual([]);
  });

  it("tells of an answer above 4,096 bytes", async () => {
    const { put, arrivals } = anUrl();

    await put("x".repeat(4096));
    await put("x".repeat(4097));

    expect(arrivals.map(({ kind }) => kind)).toEqual(["body", "too-long"]);
  });
});

describe("an answer", () => {
  it("succeeds with a physical id and data", () => {
    expect(answered({ Status: "SUCCESS", PhysicalResourceId: "p-1", Data: { A: "b" } })).toEqual({
      kind: "success",
      physicalId: "p-1",
      data: { A: "b" },
    });
  });

  it.each([[{ RequestId: "r-2" }], [{ StackId: "stack-2" }], [{ LogicalResourceId: "Other" }]])(
    "to another request (%j) is foreign",
    (identity) => {
      const body = { Status: "SUCCESS", PhysicalResourceId: "p-1", ...identity };

      expect(answered(body)).toEqual({ kind: "foreign" });
    },
  );

  it.each([
    [{ Status: "SUCCESS" }, "Invalid PhysicalResourceId"],
    [{ Status: "SUCCESS", PhysicalResourceId: "" }, "Invalid PhysicalResourceId"],
    [{ Status: "SUCCESS", PhysicalResourceId: "x".repeat(1025) }, "longer than 1 KB"],
    [{ Status: "SUCCESS", PhysicalResourceId: "p", Data: ["a"] }, "Data must be an object"],
    [{ Status: "DONE", PhysicalResourceId: "p" }, "Invalid response status"],
    [{ Status: "FAILED", PhysicalResourceId: "p" }, "needs a Reason"],
    [{ Status: "FAILED", Reason: "no stock" }, "Message returned: no stock (RequestId: r-1)"],
  ])("%j fails: %s", (body, reason) => {
    expect(answered(body)).toMatchObject({
      kind: "failed",
      reason: expect.stringContaining(reason) as string,
    });
  });

  it("that is no JSON or too long fails", () => {
    expect(readAnswer({ kind: "body", text: "{" }, REQUEST)).toMatchObject({ kind: "failed" });
    expect(readAnswer({ kind: "too-long" }, REQUEST)).toMatchObject({
      reason: "Response object is too long.",
    });
  });
});
