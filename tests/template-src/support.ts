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

/** Any JSON, for tests that break a template on purpose. */
export interface Json {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  [key: string]: any;
}

export function aBrokenTemplate(breakIt: (template: Json) => void): string {
  const template = JSON.parse(synthesized().json) as Json;
  breakIt(template);
  return JSON.stringify(template);
}

export function resource(template: CloudFormationTemplate, logicalId: string): TemplateResource {
  const found = template.Resources[logicalId];
  if (found === undefined) throw new Error(`no resource ${logicalId}`);
  return found;
}

let made: ReturnType<typeof synthesize> | undefined;
const synthesized = () => (made ??= synthesize());
