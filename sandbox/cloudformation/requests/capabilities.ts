import { AwsError } from "../../aws-service.ts";
import { resourceType } from "../resources/registry.ts";
import type { Template } from "../template/template.ts";

export type Capability = "CAPABILITY_IAM" | "CAPABILITY_NAMED_IAM";

/** What the caller must acknowledge before this template may change permissions. */
export function neededCapability(
  template: Template,
): { capability: Capability; reason: string } | undefined {
  const iam = Object.values(template.resources).filter(({ type }) => resourceType(type)?.iam);
  if (iam.length === 0) return undefined;
  const named = iam.some(({ type, properties }) => {
    const name = resourceType(type)?.nameProperty;
    return name !== undefined && properties[name] !== undefined;
  });
  const types = [...new Set(iam.map(({ type }) => type))].join(", ");
  return {
    capability: named ? "CAPABILITY_NAMED_IAM" : "CAPABILITY_IAM",
    reason: `The following resource(s) require capabilities: [${types}]`,
  };
}

export function checkCapabilities(template: Template, given: readonly string[]): void {
  const needed = neededCapability(template)?.capability;
  if (needed === undefined) return;
  const enough = given.includes(needed) || given.includes("CAPABILITY_NAMED_IAM");
  if (!enough) {
    throw new AwsError("InsufficientCapabilitiesException", `Requires capabilities : [${needed}]`);
  }
}
