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
