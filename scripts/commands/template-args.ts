import { fileURLToPath } from "node:url";
import type { Finding } from "../../template-src/publish/finding.ts";

/** A site that nobody runs: templates for looking at and comparing are made for it. */
export const EXAMPLE_SITE = "https://register.example.com";

export const GOLDEN_FILE = fileURLToPath(
  new URL("../../tests/template-src/launch-stack.golden.json", import.meta.url),
);

/** What every command that makes a template asks for. */
export const templateArgs = {
  config: {
    type: "string",
    default: "product.config.ts",
    valueHint: "FILE",
    description: "The product's description",
  },
  site: {
    type: "string",
    default: EXAMPLE_SITE,
    valueHint: "URL",
    description: "The registration site that stacks report to; baked into the template",
  },
} as const;

export const findingLines = (findings: readonly Finding[]) =>
  findings.map(
    (finding) =>
      `${finding.severity} ${finding.rule} (${finding.engine}) ${finding.where}: ${finding.message}`,
  );
