import { describe, expect, it } from "vitest";
import { decide } from "../../sandbox/iam/policy.ts";
import { wildcardMatch } from "../../sandbox/iam/wildcards.ts";

const BASE = { Effect: "Allow", Action: "s3:GetObject", Resource: "*" };

function decisionOf(
  statements: object | object[],
  context: Record<string, string | string[]> = {},
  action = "s3:GetObject",
  resource = "arn:aws:s3:::bucket/key",
) {
  return decide([{ Version: "2012-10-17", Statement: statements }], { action, resource, context });
}

describe("policies", () => {
  it("allow what is named, by wildcards and without regard to an action's case", () => {
    expect(decisionOf({ ...BASE, Action: ["S3:get*"], Resource: "arn:aws:s3:::bucket/*" })).toBe(
      "allowed",
    );
    expect(decisionOf({ ...BASE, Action: "s3:Put*" })).toBe("not-mentioned");
    expect(decisionOf({ ...BASE, Resource: "arn:aws:s3:::other/*" })).toBe("not-mentioned");
  });

  it("deny over any allow, whatever the order", () => {
    const deny = { Effect: "Deny", Action: "*", Resource: "arn:aws:s3:::bucket/k?y" };

    expect(decisionOf([BASE, deny])).toBe("denied");
    expect(decisionOf([deny, BASE])).toBe("denied");
  });

  it("never allow by what is not understood, and deny by it", () => {
    const unknown = { Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } } };

    expect(decisionOf({ ...BASE, ...unknown })).toBe("not-mentioned");
    expect(decisionOf([BASE, { ...BASE, Effect: "Deny", ...unknown }])).toBe("denied");
    expect(decisionOf({ Effect: "Allow", NotAction: "iam:*", Resource: "*" })).toBe(
      "not-mentioned",
    );
    expect(decisionOf([BASE, { Effect: "Deny", NotAction: "iam:*", Resource: "*" }])).toBe(
      "denied",
    );
  });
});

describe("conditions", () => {
  const holds = (condition: object, context: Record<string, string | string[]>) =>
    decisionOf({ ...BASE, Condition: condition }, context) === "allowed";

  it.each([
    ["StringEquals with a list", { StringEquals: { "sts:ExternalId": ["a", "b"] } }, "b", true],
    ["StringEquals otherwise", { StringEquals: { "sts:ExternalId": ["a", "b"] } }, "c", false],
    ["StringNotEquals", { StringNotEquals: { "sts:ExternalId": ["a", "b"] } }, "b", false],
    ["StringLike", { StringLike: { "sts:ExternalId": "x-*" } }, "x-1", true],
    ["StringEquals takes no wildcard", { StringEquals: { "sts:ExternalId": "x-*" } }, "x-1", false],
    ["keys without regard to case", { StringEquals: { "STS:externalID": "a" } }, "a", true],
    ["Null of a present key", { Null: { "sts:ExternalId": "true" } }, "a", false],
    ["NumericLessThan", { NumericLessThan: { "sts:ExternalId": "10" } }, "9", true],
  ])("%s", (_name, condition, externalId, expected) => {
    expect(holds(condition, { "sts:externalid": externalId })).toBe(expected);
  });

  it("needs every key and operator to hold", () => {
    const condition = {
      StringEquals: { a: "1", b: "2" },
      Bool: { "aws:SecureTransport": "true" },
    };

    expect(holds(condition, { a: "1", b: "2", "aws:securetransport": "true" })).toBe(true);
    expect(holds(condition, { a: "1", b: "3", "aws:securetransport": "true" })).toBe(false);
  });

  it("tells an absent key from a false one", () => {
    expect(holds({ Bool: { "aws:MultiFactorAuthPresent": "true" } }, {})).toBe(false);
    expect(holds({ BoolIfExists: { "aws:MultiFactorAuthPresent": "true" } }, {})).toBe(true);
    expect(
      holds(
        { BoolIfExists: { "aws:MultiFactorAuthPresent": "true" } },
        { "aws:multifactorauthpresent": "false" },
      ),
    ).toBe(false);
    expect(holds({ StringEquals: { "sts:ExternalId": "a" } }, {})).toBe(false);
    expect(holds({ Null: { "sts:ExternalId": "true" } }, {})).toBe(true);
  });

  it("keeps an ARN's wildcard inside its part", () => {
    const role = { "aws:principalarn": "arn:aws:iam::999988887777:role/metering" };
    const arn = (pattern: string) => ({ ArnEquals: { "aws:PrincipalArn": pattern } });

    expect(holds(arn("arn:aws:iam::999988887777:role/meter*"), role)).toBe(true);
    expect(holds(arn("arn:aws:iam::*"), role)).toBe(false);
    expect(holds(arn("arn:aws:iam::123412341234:role/metering"), role)).toBe(false);
  });

  it("asks lists for any or for all", () => {
    const keys = { "aws:tagkeys": ["a", "b"] };

    expect(holds({ "ForAllValues:StringEquals": { "aws:TagKeys": ["a", "b", "c"] } }, keys)).toBe(
      true,
    );
    expect(holds({ "ForAllValues:StringEquals": { "aws:TagKeys": ["a"] } }, keys)).toBe(false);
    expect(holds({ "ForAnyValue:StringEquals": { "aws:TagKeys": ["a"] } }, keys)).toBe(true);
  });
});

describe("wildcardMatch", () => {
  it.each([
    ["*", "", true],
    ["a*b*c", "axxbyyc", true],
    ["a*b*c", "axxbyy", false],
    ["a?c", "abc", true],
    ["a?c", "ac", false],
    ["a.c", "abc", false],
    [`${"*a".repeat(30)}b`, "a".repeat(5000), false],
  ])("%s on %s", (pattern, text, expected) => {
    expect(wildcardMatch(pattern, text)).toBe(expected);
  });
});
