import { Sha256 } from "@aws-crypto/sha256-js";
import { HttpRequest } from "@smithy/core/protocols";
import { SignatureV4 } from "@smithy/signature-v4";
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { PROOF_REQUEST, type CallbackEnvelope } from "../../template-src/contract.ts";
import {
  accepting,
  anEvent,
  answering,
  AUDIENCE,
  CREDENTIALS,
  hanging,
  INSTALL_CODE,
  runCallback,
  STACK_ID,
  type Site,
} from "./callback-harness.ts";

const GUID = "0a1b2c3d-0000-1111-2222-333344445555";
const refusing = answering(403, {
  error: { code: "spent-code", message: "This install code was used before. Get a new one." },
});
const unavailable = answering(503, "<h1>down</h1>");

const anUpdate = (changes: Record<string, unknown> = {}) =>
  anEvent({ RequestType: "Update", PhysicalResourceId: `${GUID}/dep-123`, ...changes });
const aDelete = () => anEvent({ RequestType: "Delete", PhysicalResourceId: `${GUID}/dep-123` });

describe.concurrent("a Create that the site accepts", () => {
  it("succeeds with the deployment and its settings as attributes", async () => {
    const run = await runCallback(anEvent(), accepting);

    expect(run.answers).toEqual([
      {
        Status: "SUCCESS",
        RequestId: "9f0e8d7c-0000-4000-8000-000000000001",
        StackId: STACK_ID,
        LogicalResourceId: "Registration",
        PhysicalResourceId: `${GUID}/dep-123`,
        Data: { DeploymentId: "dep-123", Settings: '{"plan":"share","limit":"10"}' },
      },
    ]);
    expect(run.exitCode).toBe(0);
  });

  it("sends what the contract says and nothing else", async () => {
    const { envelopes } = await runCallback(anEvent(), accepting);

    expect(Object.keys(envelopes[0]!)).toEqual(["payload", "proof"]);
    expect(JSON.parse(envelopes[0]!.payload)).toEqual({
      version: 1,
      requestType: "Create",
      requestId: "9f0e8d7c-0000-4000-8000-000000000001",
      stackId: STACK_ID,
      logicalResourceId: "Registration",
      installCode: INSTALL_CODE,
      templateVersion: "1.0.0",
      resources: { readRoleArn: "arn:aws:iam::111122223333:role/CostReadRole" },
    });
    expect(Object.keys(envelopes[0]!.proof).sort()).toEqual([
      "accessKeyId",
      "date",
      "region",
      "sessionToken",
      "signature",
    ]);
  });

  it("carries a proof that AWS's own signer would have made", async () => {
    const { envelopes } = await runCallback(anEvent(), accepting);

    expect(envelopes[0]!.proof.signature).toBe(await rebuiltSignature(envelopes[0]!));
  });

  it("answers CloudFormation with an empty content type", async () => {
    const run = await runCallback(anEvent(), accepting);

    expect(run.answerContentTypes).toEqual([""]);
  });

  it("tries again, with a fresh proof, when the site was down for a moment", async () => {
    const site: Site = (request, response, attempt) =>
      (attempt === 1 ? unavailable : accepting)(request, response, attempt);
    const run = await runCallback(anEvent(), site);

    expect(run.envelopes).toHaveLength(2);
    expect(run.envelopes[0]!.payload).toBe(run.envelopes[1]!.payload);
    expect(run.answers[0]?.Status).toBe("SUCCESS");
  });
});

/** Paths of other Node binaries, separated by colons: the runtime's own, for instance. */
const otherNodes = (process.env.OTHER_NODES ?? "").split(":").filter((path) => path !== "");

describe.concurrent("on other versions of Node", () => {
  it.skipIf(otherNodes.length === 0)(
    `a Create succeeds and a Delete of a site that is down, too (${otherNodes.join(", ") || "OTHER_NODES names none: not checked"})`,
    async () => {
      for (const node of otherNodes) {
        const created = await runCallback(anEvent(), accepting, { node });
        const deleted = await runCallback(aDelete(), undefined, { node });

        expect([created.answers[0]?.Status, deleted.answers[0]?.Status]).toEqual([
          "SUCCESS",
          "SUCCESS",
        ]);
        expect(created.envelopes[0]!.proof.signature).toBe(
          await rebuiltSignature(created.envelopes[0]!),
        );
        expect(created.answerContentTypes).toEqual([""]);
      }
    },
  );
});

describe.concurrent("a Create that can't be registered", () => {
  it("fails with the site's own sentence, without a second try", async () => {
    const run = await runCallback(anEvent(), refusing);

    expect(run.answers[0]).toMatchObject({
      Status: "FAILED",
      Reason: "This install code was used before. Get a new one.",
      PhysicalResourceId: GUID,
    });
    expect(run.envelopes).toHaveLength(1);
  });

  it("names the host and the cause when nobody listens", async () => {
    const run = await runCallback(anEvent(), undefined);

    expect(run.answers[0]?.Reason).toMatch(
      /^The registration site 127\.0\.0\.1:\d+ could not be reached \(ECONNREFUSED\)\. .*launch the stack again/,
    );
    expect(run.elapsedMs).toBeLessThan(10_000);
  });

  it("names the status when the site answers with a page of its own", async () => {
    const run = await runCallback(anEvent(), unavailable);

    expect(run.answers[0]).toMatchObject({ Status: "FAILED" });
    expect(run.answers[0]?.Reason).toMatch(/answered with status 503\./);
    expect(run.envelopes).toHaveLength(3);
  });

  it("takes no answer without a deployment id for a registration", async () => {
    const run = await runCallback(anEvent(), answering(200, { ok: true }));

    expect(run.answers[0]?.Status).toBe("FAILED");
    expect(run.answers[0]?.Reason).toMatch(/answered without a deployment id/);
  });

  it("does not carry the proof to where a redirect points", async () => {
    const elsewhere = answering(307, "", { location: "https://example.org/callback" });
    const run = await runCallback(anEvent(), elsewhere);

    expect(run.answers[0]?.Status).toBe("FAILED");
    expect(run.answers[0]?.Reason).toMatch(/answered with status 307/);
  });

  it("fails with a reason that fits, however long the site's is", async () => {
    const long = answering(400, { error: { code: "x", message: "ü🚀\n".repeat(5000) } });
    const run = await runCallback(anEvent(), long);

    expect(run.answers[0]?.Status).toBe("FAILED");
    expect(run.answerBytes[0]).toBeLessThanOrEqual(4096);
    expect(run.answers[0]?.Reason).toMatch(/^ü🚀/);
  });

  it("still answers when its own environment is broken", async () => {
    const run = await runCallback(anEvent(), accepting, { environment: { STS_HOST: "" } });

    expect(run.answers[0]).toMatchObject({
      Status: "FAILED",
      Reason: "The registration function failed: STS_HOST is not set.",
    });
  });
});

describe.concurrent("a Delete", () => {
  it.each<[string, Site | undefined]>([
    ["accepts it", accepting],
    ["refuses it", refusing],
    ["is down", undefined],
    ["answers 503", unavailable],
  ])("succeeds when the site %s", async (_what, site) => {
    const run = await runCallback(aDelete(), site);

    expect(run.answers).toEqual([
      expect.objectContaining({ Status: "SUCCESS", PhysicalResourceId: `${GUID}/dep-123` }),
    ]);
  });

  it("names the physical resource, so that a Create that never registered is known as such", async () => {
    const run = await runCallback(
      anEvent({ RequestType: "Delete", PhysicalResourceId: GUID }),
      refusing,
    );

    expect(JSON.parse(run.envelopes[0]!.payload)).toMatchObject({ physicalResourceId: GUID });
    expect(run.answers[0]).toMatchObject({ Status: "SUCCESS", PhysicalResourceId: GUID });
  });
});

describe.concurrent("an Update", () => {
  it("keeps the physical id, whatever deployment the site names", async () => {
    const run = await runCallback(
      anUpdate(),
      answering(200, { deploymentId: "other", settings: {} }),
    );

    expect(run.answers[0]).toMatchObject({
      Status: "SUCCESS",
      PhysicalResourceId: `${GUID}/dep-123`,
    });
  });

  it("fails when the site refuses it", async () => {
    const run = await runCallback(anUpdate(), refusing);

    expect(run.answers[0]).toMatchObject({
      Status: "FAILED",
      PhysicalResourceId: `${GUID}/dep-123`,
    });
  });

  it("goes through with the deployment it knows while the site is down", async () => {
    const run = await runCallback(anUpdate(), undefined);

    expect(run.answers[0]).toMatchObject({
      Status: "SUCCESS",
      Data: {
        DeploymentId: "dep-123",
        Settings: "not read: the registration site did not confirm this update",
      },
    });
  });

  it("back to an older version goes through even when refused: it is a roll-back", async () => {
    const run = await runCallback(
      anUpdate({ OldResourceProperties: { TemplateVersion: "1.10.0" } }),
      refusing,
    );

    expect(run.answers[0]?.Status).toBe("SUCCESS");
  });

  it("to a newer version fails when refused", async () => {
    const run = await runCallback(
      anUpdate({ OldResourceProperties: { TemplateVersion: "0.9.12" } }),
      refusing,
    );

    expect(run.answers[0]?.Status).toBe("FAILED");
  });
});

describe.concurrent("the log", () => {
  it("holds no install code, no session token, no signature", async () => {
    const run = await runCallback(anEvent(), refusing);

    expect(run.output).toContain('"status":"FAILED"');
    for (const secret of [
      INSTALL_CODE,
      CREDENTIALS.sessionToken,
      CREDENTIALS.secretAccessKey,
      CREDENTIALS.accessKeyId,
      run.envelopes[0]!.proof.signature,
    ]) {
      expect(run.output).not.toContain(secret);
    }
  });
});

describe.concurrent("a site that hangs", () => {
  it("fails a Create within 20 seconds", async ({ expect }) => {
    const run = await runCallback(anEvent(), hanging);

    expect(run.answers[0]?.Status).toBe("FAILED");
    expect(run.answers[0]?.Reason).toMatch(/did not answer in time/);
    expect(run.elapsedMs).toBeLessThan(20_000);
  });

  it("lets a Delete succeed within 20 seconds", async ({ expect }) => {
    const run = await runCallback(aDelete(), hanging);

    expect(run.answers[0]?.Status).toBe("SUCCESS");
    expect(run.elapsedMs).toBeLessThan(20_000);
  });
});

/** What the site does: builds the request from the contract and the five pieces, nothing else. */
async function rebuiltSignature({ payload, proof }: CallbackEnvelope): Promise<string> {
  const signer = new SignatureV4({
    service: "sts",
    region: proof.region,
    credentials: { ...CREDENTIALS, sessionToken: proof.sessionToken },
    sha256: Sha256,
    applyChecksum: false,
  });
  const signed = await signer.sign(
    new HttpRequest({
      method: PROOF_REQUEST.method,
      hostname: `sts.${proof.region}.amazonaws.com`,
      path: PROOF_REQUEST.path,
      headers: {
        host: `sts.${proof.region}.amazonaws.com`,
        "content-type": PROOF_REQUEST.contentType,
        [PROOF_REQUEST.audienceHeader]: AUDIENCE,
        [PROOF_REQUEST.payloadHashHeader]: createHash("sha256").update(payload).digest("hex"),
      },
      body: PROOF_REQUEST.body,
    }),
    { signingDate: dateOf(proof.date) },
  );
  return /Signature=([0-9a-f]{64})/.exec(signed.headers.authorization ?? "")?.[1] ?? "";
}

/** `YYYYMMDDTHHMMSSZ` as a date. */
const dateOf = (text: string) =>
  new Date(text.replace(/^(....)(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5"));
