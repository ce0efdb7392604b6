import { createRequire } from "node:module";
import type { Finding } from "./finding.ts";
import { PERMISSIONS_BOUNDARY } from "../launch-stack/parameters.ts";

/** As much of AWS's validator as is used here; it comes inside aws-cdk-lib, so with `npm ci`. */
interface Validator {
  readonly CompositeEngine: new () => {
    validateTemplate(template: unknown, config: object): { readonly diagnostics: Diagnostic[] };
    free(): void;
  };
  readonly TemplateContent: new (content: string, name: string) => object;
  readonly version: () => string;
}

interface Diagnostic {
  readonly ruleId: string;
  readonly severity: "FATAL" | "ERROR" | "WARN" | "INFO" | "DEBUG";
  readonly message: string;
  readonly entity?: { readonly logicalId: string };
  readonly propertyPath?: string;
}

const require = createRequire(import.meta.url);
const bundled = createRequire(require.resolve("aws-cdk-lib/package.json"));
const load = () => bundled("@aws/cloudformation-validate") as Validator;

export const wasmValidatorVersion = () => `cloudformation-validate ${load().version()}`;

/** Errors and warnings of the npm-only validator: most of cfn-lint's rules, but not all. */
export function runWasmValidator(json: string): Finding[] {
  const { CompositeEngine, TemplateContent } = load();
  const engine = new CompositeEngine();
  try {
    const { diagnostics } = engine.validateTemplate(new TemplateContent(json, "template.json"), {
      detailLevel: "STANDARD",
      severityLevel: "WARN",
      // It doesn't see that the condition keeps the empty default away from the property.
      parameterOverrides: { [PERMISSIONS_BOUNDARY]: "arn:aws:iam::111122223333:policy/boundary" },
    });
    return diagnostics.map((diagnostic) => ({
      engine: "cloudformation-validate",
      rule: diagnostic.ruleId,
      severity: diagnostic.severity === "WARN" ? "warning" : "error",
      where: [diagnostic.entity?.logicalId, diagnostic.propertyPath].filter(Boolean).join("."),
      message: diagnostic.message,
    }));
  } finally {
    engine.free();
  }
}
