import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { stsIdentity } from "../../registration-site/adapters/sts-identity.ts";

describe("where STS is", () => {
  const AWS_ENDPOINT_URL_STS = "http://127.0.0.1:4566";

  it.each([
    [{ AWS_ENDPOINT_URL_STS }, false],
    [{ AWS_ENDPOINT_URL_STS, NODE_ENV: "production" }, true],
    [{ AWS_ENDPOINT_URL_STS, NODE_ENV: "production" }, false],
  ])("is refused from the environment %j with the sandbox allowed: %s", (env, allowed) => {
    expect(() => stsIdentity({ env, allowEndpointOverride: allowed })).toThrow(
      "AWS_ENDPOINT_URL_STS is set, and whoever sets it can make this site believe any AWS account.",
    );
  });

  it.each([
    [{}, false],
    [{ NODE_ENV: "production" }, false],
    [{ AWS_ENDPOINT_URL_STS: "" }, false],
    [{ AWS_ENDPOINT_URL_STS }, true],
  ])("is taken from the environment %j with the sandbox allowed: %s", (env, allowed) => {
    expect(() => stsIdentity({ env, allowEndpointOverride: allowed })).not.toThrow();
  });

  it("is known for AWS's regions and for nothing else", () => {
    const sts = stsIdentity({ env: {}, allowEndpointOverride: false });

    for (const region of ["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"]) {
      expect(sts.isRegion(region)).toBe(true);
    }
    for (const region of ["", "evil.com/", "us-east-1 ", "US-EAST-1", "__proto__", "aws"]) {
      expect(sts.isRegion(region)).toBe(false);
    }
  });

  it("is never built from a region that is not known", async () => {
    const sts = stsIdentity({ env: {}, allowEndpointOverride: false });
    const request = { region: "evil.com/", method: "POST", path: "/", headers: {}, body: "" };

    await expect(sts.verify(request)).rejects.toThrow("unknown region");
  });
});

describe("an STS that keeps us waiting", () => {
  async function withServer<T>(
    answer: (response: ServerResponse) => void,
    use: (verify: () => Promise<{ kind: string; reason?: string }>) => Promise<T>,
  ): Promise<T> {
    const server = createServer((_, response) => answer(response));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const AWS_ENDPOINT_URL_STS = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const sts = stsIdentity({ env: { AWS_ENDPOINT_URL_STS }, allowEndpointOverride: true });
    const request = { region: "us-east-1", method: "POST", path: "/", headers: {}, body: "" };
    try {
      return await use(() => sts.verify(request));
    } finally {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  }

  it("is given up on although it drips on", async () => {
    const timers: NodeJS.Timeout[] = [];
    const drip = (response: ServerResponse) => {
      response.writeHead(200, { "content-type": "application/json" });
      timers.push(setInterval(() => response.write(" "), 100));
    };
    const started = performance.now();

    const outcome = await withServer(drip, (verify) => verify());

    timers.forEach((timer) => clearInterval(timer));
    expect(outcome.kind).toBe("unreachable");
    expect(performance.now() - started).toBeLessThan(8_000);
  });

  it("does not get all of our sockets: the 65th at once is turned away", async () => {
    const waiting: ServerResponse[] = [];
    const outcomes = await withServer(
      (response) => {
        waiting.push(response);
        if (waiting.length === 64) waiting.forEach((one) => one.writeHead(403).end());
      },
      (verify) => Promise.all(Array.from({ length: 65 }, verify)),
    );

    expect(outcomes.filter(({ reason }) => reason === "too many at once")).toHaveLength(1);
    expect(outcomes.filter(({ kind }) => kind === "refused")).toHaveLength(64);
  });
});
