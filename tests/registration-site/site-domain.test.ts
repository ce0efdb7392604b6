import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  PROOF_LIFE_MS,
  proofProblem,
  stsRequestFor,
} from "../../registration-site/domain/account-proof.ts";
import {
  parseAssumedRole,
  parseRoleArn,
  parseStackId,
} from "../../registration-site/domain/aws-names.ts";
import { base32 } from "../../registration-site/domain/base32.ts";
import { parseEnvelope, parsePayload } from "../../registration-site/domain/callback-payload.ts";
import { parseCallerIdentity } from "../../registration-site/domain/caller-identity.ts";
import {
  installCodeFrom,
  judgeCode,
  normalizedInstallCode,
} from "../../registration-site/domain/install-code.ts";
import { parseLifecycleEvent } from "../../registration-site/domain/lifecycle-event.ts";
import { refusals } from "../../registration-site/domain/refusals.ts";
import { aPayload, NOW, SELLER } from "./core-world.ts";

const proof = {
  accessKeyId: "ASIA0000000000000001",
  sessionToken: "token",
  region: "eu-central-1",
  date: "20261121T120000Z",
  signature: "0".repeat(64),
};
const isRegion = (region: string) => region === "eu-central-1";

describe("the STS request", () => {
  it("is only what the contract and the five pieces say, in one fixed form", () => {
    const request = stsRequestFor(proof, { audience: "https://site", payloadSha256: "ab" });

    expect(request).toEqual({
      region: "eu-central-1",
      method: "POST",
      path: "/",
      body: "Action=GetCallerIdentity&Version=2011-06-15",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "x-amz-date": "20261121T120000Z",
        "x-amz-security-token": "token",
        "x-launchmeter-audience": "https://site",
        "x-launchmeter-payload-sha256": "ab",
        authorization:
          "AWS4-HMAC-SHA256 Credential=ASIA0000000000000001/20261121/eu-central-1/sts/aws4_request, " +
          "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-launchmeter-audience;x-launchmeter-payload-sha256, " +
          `Signature=${"0".repeat(64)}`,
      },
    });
  });

  it("is never made from a piece that could leave its place in a header or a host", () => {
    const anyText = fc.oneof(
      fc.string({ unit: "binary", maxLength: 80 }),
      fc.constantFrom(...Object.values(proof)),
    );
    const anyProof = fc.record({
      accessKeyId: anyText,
      sessionToken: anyText,
      region: anyText,
      date: anyText,
      signature: anyText,
    });

    fc.assert(
      fc.property(anyProof, (pieces) => {
        if (proofProblem(pieces, { now: NOW, isRegion }) !== undefined) return;
        const text = JSON.stringify(stsRequestFor(pieces, { audience: "a", payloadSha256: "b" }));
        expect(text).toMatch(/^[\x20-\x7e]*$/);
        expect(pieces.region).toBe("eu-central-1");
        expect(pieces.sessionToken).not.toMatch(/[\s,;]/);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is made at most five minutes around the signature", () => {
    const at = (now: number) => proofProblem(proof, { now, isRegion });

    expect(at(NOW)).toBeUndefined();
    expect(at(NOW + PROOF_LIFE_MS)).toBeUndefined();
    expect(at(NOW + PROOF_LIFE_MS + 1)).toBe("stale");
    expect(at(NOW - PROOF_LIFE_MS - 1)).toBe("stale");
  });
});

describe("parsers of what strangers send", () => {
  it("answer or decline, and never throw", () => {
    const ours = { sellerAccountId: SELLER, productCode: "p" };
    fc.assert(
      fc.property(fc.anything(), fc.string({ unit: "binary" }), (value, text) => {
        parseEnvelope(value);
        parsePayload(text);
        parsePayload(JSON.stringify(value) ?? "");
        parseLifecycleEvent(value, ours);
        for (const type of ["application/json", "text/xml", "text/html", text]) {
          expect(parseCallerIdentity(type, text)).toBeUndefined();
        }
        normalizedInstallCode(text);
        expect(parseStackId(text)).toBeUndefined();
        expect(parseRoleArn(text)).toBeUndefined();
        expect(parseAssumedRole(text)).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });

  it("read back what a stack says, unchanged", () => {
    const payload = aPayload({ physicalResourceId: "guid/d-1" });

    expect(parsePayload(JSON.stringify(payload))).toEqual(payload);
  });
});

describe("the caller's identity in XML", () => {
  const answer = (result: string) =>
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\n' +
    `<GetCallerIdentityResult>${result}</GetCallerIdentityResult>\n` +
    "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetCallerIdentityResponse>";
  const arn = "<Arn>arn:aws:sts::111122223333:assumed-role/a/b</Arn>";
  const account = "<Account>111122223333</Account>";

  it("is found in whatever order the elements come", () => {
    for (const result of [`${arn}<UserId>u</UserId>${account}`, `${account}${arn}`]) {
      expect(parseCallerIdentity("text/xml;charset=utf-8", answer(result))).toEqual({
        accountId: "111122223333",
        arn: "arn:aws:sts::111122223333:assumed-role/a/b",
      });
    }
  });

  it.each([
    ["two accounts", `${arn}${account}<Account>444455556666</Account>`],
    ["the same account twice", `${arn}${account}${account}`],
    ["no account", arn],
    ["an account that its ARN denies", `${arn}<Account>444455556666</Account>`],
    ["an entity", `${arn}<Account>1111222233&#51;3</Account>`],
    ["a nested element", `${arn}<Account><Account>111122223333</Account></Account>`],
    ["crossed elements", `${arn}<Account>111122223333</Arn>`],
    ["a CDATA section", `${arn}<Account><![CDATA[111122223333]]></Account>`],
  ])("is not found with %s", (_, result) => {
    expect(parseCallerIdentity("text/xml", answer(result))).toBeUndefined();
  });

  it("is not found in a document of another namespace, or with something around it", () => {
    const good = answer(`${arn}${account}`);

    expect(parseCallerIdentity("text/xml", good.replace("2011-06-15", "x"))).toBeUndefined();
    expect(parseCallerIdentity("text/xml", `<x>${good}</x>`)).toBeUndefined();
    expect(parseCallerIdentity("text/xml", `${good}${good}`)).toBeUndefined();
  });
});

describe("an install code", () => {
  it("differs whenever its random bytes do, and reads back from any way of typing it", () => {
    const bytes = fc.uint8Array({ minLength: 10, maxLength: 10 });
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        const [one, two] = [installCodeFrom(a), installCodeFrom(b)];
        expect(one === two).toBe(Buffer.from(a).equals(Buffer.from(b)));
        const typed = one.toLowerCase().replaceAll("-", " ").replaceAll("0", "o");
        expect(normalizedInstallCode(typed)).toBe(one.replaceAll("-", ""));
      }),
    );
  });

  it("holds 5 bits a character and refuses bytes that don't fill characters", () => {
    expect(base32(new Uint8Array([0, 0, 0, 0, 0]))).toBe("00000000");
    expect(base32(new Uint8Array([255, 255, 255, 255, 255]))).toBe("ZZZZZZZZ");
    expect(() => base32(new Uint8Array(4))).toThrow("4 bytes are not whole groups");
  });

  it("spent by a stack stays that stack's after its expiry", () => {
    const record = { licenseId: "l", externalIds: [], issuedAt: 0, expiresAt: 10 };
    const spent = { ...record, spentBy: { deploymentId: "d-1", at: 5 } };

    expect(judgeCode(spent, "d-1", 99)).toBe("spent-by-this");
    expect(judgeCode(spent, "d-2", 5)).toBe("spent-by-another");
    expect(judgeCode(record, "d-1", 9)).toBe("usable");
    expect(judgeCode(record, "d-1", 10)).toBe("expired");
    expect(judgeCode(undefined, "d-1", 0)).toBe("unknown");
  });
});

describe("every refusal", () => {
  const all = [
    ...Object.entries(refusals).map(([name, make]) => {
      const argument = { accountId: "111122223333", region: "eu-central-1" };
      return [name, (make as (value: unknown) => ReturnType<typeof refusals.malformed>)(argument)];
    }),
  ] as [string, ReturnType<typeof refusals.malformed>][];

  it.each(all)(
    "%s says in whole sentences what happened and what to do",
    (_, { message, code }) => {
      expect(code).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
      expect(message.split(/[.;:] /).length).toBeGreaterThan(1);
      expect(message).toMatch(/^[A-Z].*\.$/s);
      // It has to fit into CloudFormation's 4 KB together with everything else.
      expect(message.length).toBeLessThan(500);
    },
  );
});
