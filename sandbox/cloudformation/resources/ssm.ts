import { fail, generatedName, serviceRefusal, text, type ResourceType } from "./resource-type.ts";

const parameter: ResourceType = {
  type: "AWS::SSM::Parameter",
  properties: [
    ...["AllowedPattern", "DataType", "Description", "Name", "Policies", "Tags", "Tier", "Type"],
    "Value",
  ],
  required: ["Type", "Value"],
  createOnly: ["Name"],
  attributes: ["Type", "Value"],
  nameProperty: "Name",
  physicalId: (properties, env) => text(properties, "Name") ?? `CFN-${generatedName(env, 240)}`,
  attributesOf: (properties) => ({
    Type: text(properties, "Type") ?? "",
    Value: text(properties, "Value") ?? "",
  }),
  check(properties) {
    const type = text(properties, "Type");
    if (type !== "String" && type !== "StringList") {
      fail(serviceRefusal("Ssm", `The parameter type ${type} cannot be made by CloudFormation`));
    }
    const pattern = text(properties, "AllowedPattern");
    if (pattern !== undefined && !new RegExp(pattern).test(text(properties, "Value")!)) {
      fail(serviceRefusal("Ssm", `Parameter value, cannot be validated against allowedPattern`));
    }
  },
};

export const ssmTypes = [parameter];
