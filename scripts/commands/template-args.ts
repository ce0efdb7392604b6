import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Product } from "../../product/definition.ts";
import { CALLBACK_PATH } from "../../template-src/contract.ts";
import type { Finding } from "../../template-src/publish/finding.ts";
import {
  synthesizeLaunchStack,
  type SynthesizedTemplate,
} from "../../template-src/publish/synthesize.ts";

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

/** The launch template of a product for the site at this address. */
export function templateFor(product: Product, site: string): SynthesizedTemplate {
  const origin = URL.canParse(site) ? new URL(site).origin : undefined;
  if (origin === undefined || origin !== site.replace(/\/$/, "")) {
    throw new Error(
      `--site is ${JSON.stringify(site)}: it must be the site's address such as ${EXAMPLE_SITE}, without a path.`,
    );
  }
  return synthesizeLaunchStack({
    product,
    callbackUrl: `${origin}${CALLBACK_PATH}`,
    audience: origin,
  });
}

/** A template from a file, known to be one. */
export async function readTemplate(file: string): Promise<string> {
  const json = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new Error(`The template ${file} can't be read. Check --template.`, { cause });
  });
  if (!isTemplate(json)) {
    throw new Error(`${file} is no CloudFormation template in JSON: it needs Resources.`);
  }
  return json;
}

function isTemplate(json: string): boolean {
  try {
    const { Resources: resources } = JSON.parse(json) as { readonly Resources?: unknown };
    return typeof resources === "object" && resources !== null;
  } catch {
    return false;
  }
}
