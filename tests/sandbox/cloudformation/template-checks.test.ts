import { describe, expect, it } from "vitest";
import { makePlan, readTemplate } from "../../../sandbox/cloudformation/stacks/plan.ts";
import { resolveParameters } from "../../../sandbox/cloudformation/template/parameters.ts";
import { pseudoParameters } from "../../../sandbox/cloudformation/template/places.ts";
import { checkRules } from "../../../sandbox/cloudformation/template/rules.ts";

const PLACE = {
  accountId: "111122223333",
  region: "eu-central-1",
  stackName: "demo",
  stackId: "arn:aws:cloudformation:eu-central-1:111122223333:stack/demo/guid",
};
const LOGS = { Type: "AWS::Logs::LogGroup", Properties: {} };

function aTemplate(sections: object): string {
  return JSON.stringify({ Resources: { Logs: LOGS }, ...sections });
}

/** What a value in a template comes to. */
function valueOf(value: unknown, sections: object = {}, given: Record<string, string> = {}) {
  const template = readTemplate(aTemplate({ ...sections, Outputs: { Out: { Value: "x" } } }));
  const withValue = readTemplate(
    aTemplate({
      ...sections,
      Resources: {
        Logs: LOGS,
        Probe: { Type: "AWS::SSM::Parameter", Properties: { Type: "String", Value: value } },
      },
    }),
  );
  const inputs = Object.entries(given).map(
    ([name, text]) => [name, { value: text, usePrevious: false }] as const,
  );
  const parameters = resolveParameters(template, Object.fromEntries(inputs), {}, () => undefined);
  const made = { Logs: { physicalId: "logs-1", attributes: { Arn: "arn:logs-1" } } };
  return makePlan(withValue, parameters, PLACE).properties("Probe", made).Value;
}

describe("a template's format", () => {
  it.each([
    ["{", "JSON not well-formed"],
    ["[]", "unsupported structure"],
    ["{}", "At least one Resources member must be defined"],
    [aTemplate({ Foo: {} }), "Invalid template property or properties [Foo]"],
    [aTemplate({ Transform: "AWS::Serverless-2016-10-31" }), "Transform is refused"],
    [aTemplate({ AWSTemplateFormatVersion: "2011-01-01" }), "must be 2010-09-09"],
    [aTemplate({ Resources: { "my-logs": LOGS } }), "non alphanumeric"],
    [aTemplate({ Resources: { A: {} } }), "must contain a Type member"],
    [aTemplate({ Resources: { A: { ...LOGS, Foo: 1 } } }), "Invalid template resource property"],
    [
      aTemplate({ Resources: { A: { Type: "AWS::Foo::Bar" }, B: { Type: "AWS::EC2::VPC" } } }),
      "Unrecognized resource types: [AWS::Foo::Bar, AWS::EC2::VPC]",
    ],
    [
      aTemplate({ Resources: { A: { ...LOGS, DeletionPolicy: { Ref: "AWS::Region" } } } }),
      "Unrecognized DeletionPolicy",
    ],
    [
      aTemplate({ Resources: { A: { ...LOGS, UpdateReplacePolicy: "RetainExceptOnCreate" } } }),
      "Unrecognized UpdateReplacePolicy",
    ],
    [aTemplate({ Parameters: { P: {} } }), "must contain a Type member"],
    [aTemplate({ Outputs: { O: {} } }), "must contain a Value member"],
    [aTemplate({ Rules: { R: {} } }), "must contain Assertions"],
  ])("%s is refused: %s", (text, message) => {
    expect(() => readTemplate(text)).toThrow(message);
  });

  it("allows 500 resources and refuses 501", () => {
    const many = (count: number) =>
      aTemplate({
        Resources: Object.fromEntries(Array.from({ length: count }, (_, at) => [`L${at}`, LOGS])),
      });

    expect(() => readTemplate(many(500))).not.toThrow();
    expect(() => readTemplate(many(501))).toThrow("Number of Resources, 501, is greater than 500");
  });
});

describe("references", () => {
  const withValue = (RetentionInDays: unknown) =>
    aTemplate({ Resources: { Logs: { ...LOGS, Properties: { RetentionInDays } } } });

  it.each([
    [withValue({ Ref: "Nothing" }), "Unresolved resource dependencies [Nothing]"],
    [withValue({ "Fn::Sub": "${Nothing}" }), "Unresolved resource dependencies [Nothing]"],
    [withValue({ "Fn::GetAtt": ["Nothing", "Arn"] }), "references undefined resource Nothing"],
    [withValue({ "Fn::GetAtt": ["Logs", "Colour"] }), "does not support attribute type Colour"],
    [withValue({ Ref: "Logs" }), "Circular dependency between resources: [Logs]"],
    [withValue({ "Fn::ImportValue": "other" }), "Fn::ImportValue is refused"],
    [withValue({ "Fn::Length": [1] }), "it needs a Transform"],
    [withValue({ "Fn::Imagine": 1 }), "Fn::Imagine is refused"],
    [withValue({ Ref: "AWS::Region", Also: 1 }), "must stand alone"],
    [withValue("{{resolve:ssm:/a}}"), "dynamic references"],
    [withValue({ "Fn::If": ["Nothing", 1, 2] }), "Unresolved condition dependency Nothing"],
    [
      aTemplate({ Resources: { Logs: { ...LOGS, DependsOn: "Nothing" } } }),
      "Unresolved resource dependencies [Nothing]",
    ],
    [
      aTemplate({ Outputs: { O: { Value: { Ref: "Nothing" } } } }),
      "[Nothing] in the Outputs block of the template",
    ],
    [
      aTemplate({ Conditions: { C: { "Fn::Equals": [{ Ref: "Logs" }, "x"] } } }),
      "Unresolved resource dependencies [Logs] in the Conditions block",
    ],
    [
      aTemplate({
        Resources: { A: { ...LOGS, DependsOn: ["B"] }, B: { ...LOGS, DependsOn: "A" } },
      }),
      "Circular dependency between resources: [A, B]",
    ],
    [
      aTemplate({ Rules: { R: { Assertions: [{ Assert: { "Fn::Sub": "x" } }] } } }),
      "Rule R uses Fn::Sub, which is not a rule function",
    ],
  ])("%s is refused: %s", (text, message) => {
    expect(() => readTemplate(text)).toThrow(message);
  });

  it("does not wait for a branch that is not taken", () => {
    const template = readTemplate(
      aTemplate({
        Conditions: { Never: { "Fn::Equals": ["a", "b"] } },
        Resources: {
          Gone: { ...LOGS, Condition: "Never" },
          Logs: {
            ...LOGS,
            Properties: { LogGroupName: { "Fn::If": ["Never", { Ref: "Gone" }, "fixed"] } },
          },
        },
      }),
    );

    const plan = makePlan(template, {}, PLACE);

    expect(plan.logicalIds).toEqual(["Logs"]);
    expect(plan.properties("Logs", {})).toEqual({ LogGroupName: "fixed" });
  });

  it("refuses a reference to a resource whose condition does not hold", () => {
    const template = readTemplate(
      aTemplate({
        Conditions: { Never: { "Fn::Equals": ["a", "b"] } },
        Resources: {
          Gone: { ...LOGS, Condition: "Never" },
          Logs: { ...LOGS, Properties: { LogGroupName: { Ref: "Gone" } } },
        },
      }),
    );

    expect(() => makePlan(template, {}, PLACE)).toThrow(
      "Unresolved resource dependencies [Gone] in the Resources block",
    );
  });
});

describe("functions", () => {
  const list = { Parameters: { L: { Type: "CommaDelimitedList", Default: "a, b,c" } } };

  it.each<[string, unknown, unknown]>([
    ["Ref of a list", { Ref: "L" }, ["a", "b", "c"]],
    ["Ref of a resource", { Ref: "Logs" }, "logs-1"],
    ["GetAtt", { "Fn::GetAtt": ["Logs", "Arn"] }, "arn:logs-1"],
    ["GetAtt with a dot", { "Fn::GetAtt": "Logs.Arn" }, "arn:logs-1"],
    [
      "Sub",
      { "Fn::Sub": "${AWS::Region}/${Logs}/${Logs.Arn}/${!Kept}" },
      "eu-central-1/logs-1/arn:logs-1/${Kept}",
    ],
    [
      "Sub with variables",
      { "Fn::Sub": ["${x}-${AWS::AccountId}", { x: { Ref: "Logs" } }] },
      "logs-1-111122223333",
    ],
    ["Join", { "Fn::Join": ["-", { Ref: "L" }] }, "a-b-c"],
    ["Select", { "Fn::Select": ["1", { Ref: "L" }] }, "b"],
    ["Split", { "Fn::Split": ["/", "a/b"] }, ["a", "b"]],
    [
      "Select of Split",
      { "Fn::Select": [2, { "Fn::Split": ["/", { Ref: "AWS::StackId" }] }] },
      "guid",
    ],
    ["Base64", { "Fn::Base64": "text" }, "dGV4dA=="],
    ["GetAZs", { "Fn::GetAZs": "" }, ["eu-central-1a", "eu-central-1b", "eu-central-1c"]],
    ["Cidr", { "Fn::Cidr": ["10.0.0.0/16", 3, 8] }, ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"]],
    ["NoValue in a list", ["a", { Ref: "AWS::NoValue" }, "b"], ["a", "b"]],
    ["NoValue in an object", { a: 1, b: { Ref: "AWS::NoValue" } }, { a: 1 }],
    ["the partition's suffix", { Ref: "AWS::URLSuffix" }, "amazonaws.com"],
  ])("%s", (_name, value, expected) => {
    expect(valueOf(value, list)).toEqual(expected);
  });

  it.each<[unknown, string]>([
    [{ "Fn::Select": [7, { Ref: "L" }] }, "nonexistent value at index 7"],
    [
      { "Fn::FindInMap": ["M", "eu-central-1", "none"] },
      "Unable to get mapping for M::eu-central-1::none",
    ],
    [{ "Fn::Cidr": ["10.0.0.0/24", 2, 8] }, "cannot fit 2 blocks"],
    [{ "Fn::Join": ["-", "text"] }, "needs a list of strings"],
  ])("%j is refused: %s", (value, message) => {
    expect(() =>
      valueOf(value, { ...list, Mappings: { M: { "eu-central-1": { a: 1 } } } }),
    ).toThrow(message);
  });

  it("evaluates conditions on conditions", () => {
    const sections = {
      Parameters: { Size: { Type: "String", Default: "big" } },
      Conditions: {
        Big: { "Fn::Equals": [{ Ref: "Size" }, "big"] },
        Here: { "Fn::Or": [{ "Fn::Equals": [{ Ref: "AWS::Region" }, "x"] }, { Condition: "Big" }] },
        Both: { "Fn::And": [{ Condition: "Big" }, { Condition: "Here" }] },
        Neither: { "Fn::Not": [{ Condition: "Both" }] },
      },
    };

    expect(valueOf({ "Fn::If": ["Both", "yes", "no"] }, sections)).toBe("yes");
    expect(valueOf({ "Fn::If": ["Neither", "yes", "no"] }, sections)).toBe("no");
    expect(valueOf({ "Fn::If": ["Both", "yes", "no"] }, sections, { Size: "small" })).toBe("no");
  });
});

describe("parameters", () => {
  function values(definition: object, value: string | undefined) {
    const template = readTemplate(aTemplate({ Parameters: { P: definition } }));
    return resolveParameters(template, { P: { value, usePrevious: false } }, {}, (name) =>
      name === "/known" ? "stored" : undefined,
    ).P?.value;
  }

  it.each<[object, string | undefined, string]>([
    [{ Type: "String" }, undefined, "Parameters: [P] must have values"],
    [{ Type: "String", AllowedValues: ["a"] }, "b", "Parameter 'P' must be one of AllowedValues"],
    [{ Type: "String", AllowedPattern: "[a-z]+" }, "abc1", "must match pattern [a-z]+"],
    [
      { Type: "String", AllowedPattern: "[a-z]+", ConstraintDescription: "letters only" },
      "1",
      "Parameter P failed to satisfy constraint: letters only",
    ],
    [{ Type: "String", MinLength: 3 }, "ab", "at least 3 characters"],
    [{ Type: "String", MaxLength: "3" }, "abcd", "at most 3 characters"],
    [{ Type: "Number" }, "ten", "must be a number"],
    [{ Type: "Number", MinValue: 2 }, "1", "not less than 2"],
    [{ Type: "Number", MaxValue: 2 }, "3", "not greater than 2"],
    [{ Type: "List<Number>" }, "1,x", "must be a number"],
    [{ Type: "CommaDelimitedList", AllowedPattern: "[a-z]" }, "a,bb", "must match pattern"],
    [{ Type: "AWS::SSM::Parameter::Value<String>" }, "/lost", "Unable to fetch parameters [/lost]"],
    [{ Type: "AWS::EC2::VPC::Id" }, "vpc-1", "Unrecognized parameter type"],
    [{ Type: "String" }, "x".repeat(4097), "longer than 4096 bytes"],
  ])("%j refuses %s: %s", (definition, value, message) => {
    expect(() => values(definition, value)).toThrow(message);
  });

  it.each<[object, string | undefined, unknown]>([
    [{ Type: "String", Default: "d" }, undefined, "d"],
    [{ Type: "String" }, "", ""],
    [{ Type: "Number" }, "10", "10"],
    [{ Type: "List<Number>" }, "1, 2", ["1", "2"]],
    [{ Type: "AWS::SSM::Parameter::Value<String>" }, "/known", "stored"],
    [{ Type: "AWS::SSM::Parameter::Value<List<String>>" }, "/known", ["stored"]],
  ])("%j makes %s into %j", (definition, value, expected) => {
    expect(values(definition, value)).toEqual(expected);
  });

  it("refuses names the template does not have", () => {
    const template = readTemplate(aTemplate({}));

    expect(() =>
      resolveParameters(template, { Q: { value: "1", usePrevious: false } }, {}, () => undefined),
    ).toThrow("Parameters: [Q] do not exist in the template");
  });
});

describe("rules", () => {
  function check(rule: object, given: Record<string, string>): void {
    const template = readTemplate(
      aTemplate({
        Parameters: {
          Size: { Type: "String", Default: "dev" },
          Zones: { Type: "CommaDelimitedList", Default: "a,b" },
        },
        Rules: { R: rule },
      }),
    );
    const inputs = Object.entries(given).map(
      ([name, value]) => [name, { value, usePrevious: false }] as const,
    );
    const parameters = resolveParameters(template, Object.fromEntries(inputs), {}, () => undefined);
    checkRules({ template, parameters, pseudo: pseudoParameters(PLACE) });
  }
  const assertion = (Assert: object) => ({ Assertions: [{ Assert, AssertDescription: "no" }] });

  it.each<[object, Record<string, string>]>([
    [{ "Fn::Contains": [["dev"], { Ref: "Size" }] }, { Size: "big" }],
    [{ "Fn::Contains": [["us-east-1"], { Ref: "AWS::Region" }] }, {}],
    [{ "Fn::EachMemberIn": [{ Ref: "Zones" }, ["a", "b"]] }, { Zones: "a,c" }],
    [{ "Fn::EachMemberEquals": [{ Ref: "Zones" }, "a"] }, {}],
    [{ "Fn::Not": [{ "Fn::Equals": [{ Ref: "Size" }, "dev"] }] }, {}],
    [{ "Fn::Contains": [{ "Fn::RefAll": "String" }, "big"] }, {}],
  ])("%j refuses %j in its own words", (assert, given) => {
    expect(() => check(assertion(assert), given)).toThrow(/^no$/);
  });

  it("checks nothing when its condition does not hold", () => {
    const rule = {
      RuleCondition: { "Fn::Equals": [{ Ref: "Size" }, "production"] },
      ...assertion({ "Fn::Contains": [{ Ref: "Zones" }, "z"] }),
    };

    expect(() => check(rule, { Size: "dev" })).not.toThrow();
    expect(() => check(rule, { Size: "production" })).toThrow("no");
  });
});
