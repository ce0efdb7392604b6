import product from "../../product.config.ts";
import { synthesizeLaunchStack } from "../../template-src/publish/synthesize.ts";
import type {
  CloudFormationTemplate,
  TemplateResource,
} from "../../template-src/publish/template.ts";

export const SITE = "https://register.example.com";

export const synthesize = (changes: Partial<typeof product> = {}) =>
  synthesizeLaunchStack({
    product: { ...product, ...changes },
    callbackUrl: `${SITE}/callback`,
    audience: SITE,
  });

/** The launch template as an object, fresh for every caller to mutate. */
export function aTemplate(): CloudFormationTemplate {
  return JSON.parse(synthesized().json) as CloudFormationTemplate;
}

/**
 * The launch template with changes on purpose: a path of names and indices to its new value, or to
 * undefined for what is taken out.
 */
export function aBrokenTemplate(changes: Readonly<Record<string, unknown>>): string {
  const template = aTemplate();
  for (const [path, value] of Object.entries(changes)) {
    const names = path.split(".");
    const last = names.pop()!;
    const parent = names.reduce<unknown>(
      (node, name) => (node as Record<string, unknown>)[name],
      template,
    ) as Record<string, unknown>;
    if (value === undefined) delete parent[last];
    else parent[last] = value;
  }
  return JSON.stringify(template);
}

export function resource(template: CloudFormationTemplate, logicalId: string): TemplateResource {
  const found = template.Resources[logicalId];
  if (found === undefined) throw new Error(`no resource ${logicalId}`);
  return found;
}

let made: ReturnType<typeof synthesize> | undefined;
const synthesized = () => (made ??= synthesize());
