import { Sha256 } from "@aws-crypto/sha256-js";
import { HttpRequest } from "@smithy/core/protocols";
import { SignatureV4 } from "@smithy/signature-v4";
import fc from "fast-check";
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { PROOF_REQUEST } from "../../template-src/contract.ts";
import type { CustomResourceEvent } from "../../template-src/launch-stack/callback/event.ts";
import { responseBody } from "../../template-src/launch-stack/callback/respond.ts";
import { signProof, type ProofInput } from "../../template-src/launch-stack/callback/sign-proof.ts";

const printable = (minLength: number) => fc.stringMatching(new RegExp(`^[!-~]{${minLength},200}$`));

const proofInput: fc.Arbitrary<ProofInput> = fc.record({
  credentials: fc.record({
    accessKeyId: fc.stringMatching(/^ASIA[A-Z0-9]{16}$/),
    secretAccessKey: printable(40),
    sessionToken: printable(100),
  }),
  region: fc.constantFrom("eu-central-1", "us-gov-west-1", "cn-north-1"),
  stsHost: fc.constantFrom("sts.eu-central-1.amazonaws.com", "sts.cn-north-1.amazonaws.com.cn"),
  audience: fc.webUrl(),
  payload: fc.string({ unit: "grapheme", maxLength: 2000 }),
  now: fc.date({ min: new Date("2020-01-01"), max: new Date("2099-12-31"), noInvalidDate: true }),
});

describe("the signer", () => {
  it("makes the same signature as the AWS SDK's for every request", async () => {
    await fc.assert(
      fc.asyncProperty(proofInput, async (input) => {
        const signer = new SignatureV4({
          service: "sts",
          region: input.region,
          credentials: input.credentials,
          sha256: Sha256,
          applyChecksum: false,
        });
        const { headers } = await signer.sign(
          new HttpRequest({
            method: PROOF_REQUEST.method,
            hostname: input.stsHost,
            path: PROOF_REQUEST.path,
            headers: {
              host: input.stsHost,
              "content-type": PROOF_REQUEST.contentType,
              [PROOF_REQUEST.audienceHeader]: input.audience,
              [PROOF_REQUEST.payloadHashHeader]: createHash("sha256")
                .update(input.payload)
                .digest("hex"),
            },
            body: PROOF_REQUEST.body,
          }),
          { signingDate: input.now },
        );

        const proof = signProof(input);

        expect(headers.authorization).toContain(`Signature=${proof.signature}`);
        expect(headers["x-amz-date"]).toBe(proof.date);
      }),
    );
  });

  it("makes another signature for another audience, payload or host", () => {
    const input: ProofInput = {
      credentials: { accessKeyId: "ASIA", secretAccessKey: "secret", sessionToken: "token" },
      region: "eu-central-1",
      stsHost: "sts.eu-central-1.amazonaws.com",
      audience: "https://register.example.com",
      payload: "{}",
      now: new Date("2026-11-21T00:00:00Z"),
    };
    const signatures = [
      input,
      { ...input, audience: "https://evil.example.com" },
      { ...input, payload: "{ }" },
      { ...input, stsHost: "sts.us-east-1.amazonaws.com" },
    ].map((one) => signProof(one).signature);

    expect(new Set(signatures).size).toBe(4);
  });
});

describe("the answer to CloudFormation", () => {
  const event = {
    RequestId: "r".repeat(36),
    StackId: `arn:aws:cloudformation:eu-central-1:111122223333:stack/${"n".repeat(128)}/guid`,
    LogicalResourceId: "Registration",
  } as CustomResourceEvent;

  it("never exceeds 4,096 bytes, is JSON, and keeps a reason that fits", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary", maxLength: 9000, size: "max" }),
          fc.constantFrom("\u0000".repeat(5000), "🚀".repeat(4000), '"\\'.repeat(3000)),
        ),
        (reason) => {
          const body = responseBody(event, { status: "FAILED", physicalResourceId: "p", reason });

          expect(Buffer.byteLength(body)).toBeLessThanOrEqual(4096);
          const said = (JSON.parse(body) as { Reason: string }).Reason;
          expect(reason === said || reason.startsWith(said.slice(0, -1))).toBe(true);
        },
      ),
    );
  });

  it("gives up the settings before the deployment id", () => {
    const body = responseBody(event, {
      status: "SUCCESS",
      physicalResourceId: "p",
      data: { DeploymentId: "dep-123", Settings: "x".repeat(5000) },
    });

    expect(JSON.parse(body)).toMatchObject({
      Data: { DeploymentId: "dep-123", Settings: "too long to be shown here" },
    });
  });
});
