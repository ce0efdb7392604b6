import { request } from "node:http";
import { XMLParser } from "fast-xml-parser";
import { describe, expect, it } from "vitest";
import { decodeForm, encodeXmlAnswer, encodeXmlError } from "../../sandbox/wire/query-codec.ts";
import { sandboxControl } from "../../sandbox/control-client.ts";
import { aSandbox } from "./a-sandbox.ts";

describe("the Query protocol", () => {
  it("reads lists, maps and structures from a form", () => {
    const form = new URLSearchParams({
      Action: "CreateStack",
      Version: "2010-05-15",
      StackName: "one",
      "Parameters.member.2.ParameterKey": "B",
      "Parameters.member.1.ParameterKey": "A",
      "Parameters.member.10.ParameterKey": "C",
      "Attributes.entry.1.key": "k",
      "Attributes.entry.1.value": "v",
      "Nested.Inner.Value": "x",
    });

    expect(decodeForm(form.toString())).toEqual({
      action: "CreateStack",
      input: {
        StackName: "one",
        Parameters: [{ ParameterKey: "A" }, { ParameterKey: "B" }, { ParameterKey: "C" }],
        Attributes: { k: "v" },
        Nested: { Inner: { Value: "x" } },
      },
    });
  });

  it("takes names that look like prototypes for names", () => {
    const { input } = decodeForm("Action=A&__proto__.polluted=1&constructor.x=1");

    expect(({} as { polluted?: string }).polluted).toBeUndefined();
    expect(Object.keys(input)).toEqual(["__proto__", "constructor"]);
  });

  it("writes XML that a parser reads back, whatever the text", () => {
    const text = `<&>"' \u0001 \u{1F600}\r\n`;
    const xml = encodeXmlAnswer(
      "Do",
      "https://example.com/",
      { Text: text, When: new Date(0), Items: ["a", { B: 1 }], Yes: true, Gone: undefined },
      "request-1",
    );

    const parsed = new XMLParser({ parseTagValue: false, trimValues: false }).parse(xml) as {
      DoResponse: { DoResult: Record<string, unknown> };
    };
    expect(parsed.DoResponse.DoResult).toMatchObject({
      When: "1970-01-01T00:00:00.000Z",
      Items: { member: ["a", { B: "1" }] },
      Yes: "true",
    });
    expect(parsed.DoResponse.DoResult["Text"]).toContain(`<&>"'`);
    expect(xml).not.toContain("\u0001");
    expect(encodeXmlError({ code: "C", message: "<m>", status: 500 }, "", "r")).toContain(
      "<Type>Receiver</Type><Code>C</Code><Message>&lt;m&gt;</Message>",
    );
  });
});

/** Sends exactly this target, which `fetch` would tidy up first. */
const statusOf = (origin: string, path: string, headers: Record<string, string> = {}) =>
  new Promise<number | undefined>((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    request({ hostname, port, path, headers }, (incoming) => {
      incoming.resume();
      resolve(incoming.statusCode);
    })
      .on("error", reject)
      .end();
  });

describe("the server", () => {
  it("answers a service that it doesn't have in the protocol of the request", async () => {
    const { origin } = await aSandbox();
    const authorization = `AWS4-HMAC-SHA256 Credential=a/20261110/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=${"0".repeat(64)}`;
    const ask = (headers: Record<string, string>, body: string) =>
      fetch(origin, { method: "POST", headers: { authorization, ...headers }, body });

    const xml = await ask(
      { "content-type": "application/x-www-form-urlencoded" },
      "Action=ListRoles&Version=2010-05-08",
    );
    const json = await ask({ "x-amz-target": "Other.Do" }, "{}");

    expect(await xml.text()).toContain("<Code>UnknownOperationException</Code>");
    expect(await json.json()).toMatchObject({ __type: "UnknownOperationException" });
  });

  it("shows its pages and its control API to loopback names only", async () => {
    const { origin } = await aSandbox();

    expect(await statusOf(origin, "/_sandbox/identity")).toBe(200);
    expect(await statusOf(origin, "/_sandbox/identity", { host: "evil.example" })).toBe(404);
    expect(await statusOf(origin, "//evil.example/_sandbox/identity")).toBe(404);
    expect(await statusOf(origin, "/", { host: "not a host" })).not.toBe(500);
  });

  it("answers 404 to a path that nobody owns and 413 to a body beyond 16 MB", async () => {
    const { origin } = await aSandbox();
    const large = await fetch(origin, {
      method: "POST",
      body: Buffer.alloc(17 * 1024 * 1024),
    }).then(
      ({ status }) => status,
      () => "cut",
    );

    expect((await fetch(`${origin}/nothing/here`)).status).toBe(404);
    expect([413, "cut"]).toContain(large);
    expect((await sandboxControl(origin).clock()).now).toBeGreaterThan(0);
  });
});
