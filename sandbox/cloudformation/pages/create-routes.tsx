import type { Context, Hono } from "hono";
import { neededCapability } from "../requests/capabilities.ts";
import { requestCreate } from "../requests/stack-requests.ts";
import { templateText } from "../requests/template-source.ts";
import { readTemplate } from "../stacks/plan.ts";
import type { ParameterInput } from "../template/parameters.ts";
import type { Template } from "../template/template.ts";
import { Review, type ReviewProps } from "./review.tsx";
import { formOf, frame, refusal, where, type ConsoleDeps } from "./routes.tsx";
import { stackPath } from "./stack-list.tsx";

/** The quick-create page: filled in by a link, sent as a form. */
export function createRoutes(app: Hono, deps: ConsoleDeps): void {
  app.get("/cloudformation/review", (c) => {
    const given = c.req.query();
    const props = review(deps, c, frame(deps, c, "Quick create stack").region, given, "link");
    return c.html(<Review {...props} />);
  });
  app.post("/cloudformation/review", async (c) => {
    const form = await formOf(c);
    const region = form.region ?? "";
    const props = review(deps, c, region, form, "form");
    const { template } = props;
    if (template === undefined) return c.html(<Review {...props} />, 400);
    try {
      const stack = requestCreate(deps, where(deps, c, region), {
        stackName: props.stackName,
        source: { url: props.templateUrl },
        parameters: parameterInputs(template, form),
        capabilities: form.capability === undefined ? [] : [form.capability],
        tags: [],
        onFailure: "ROLLBACK",
        terminationProtection: false,
      });
      return c.redirect(stackPath(stack), 303);
    } catch (error) {
      return c.html(<Review {...props} problem={refusal(error)} />, 400);
    }
  });
}

function review(
  deps: ConsoleDeps,
  c: Context,
  region: string,
  given: Readonly<Record<string, string>>,
  from: "link" | "form",
): ReviewProps {
  const templateUrl = given.templateURL ?? "";
  const { template, problem } = loadTemplate(deps, templateUrl);
  return {
    ...frame(deps, c, "Quick create stack", region),
    templateUrl,
    stackName: given.stackName ?? "",
    template,
    values: template === undefined ? {} : fieldValues(template, given, from),
    capability: template && neededCapability(template)?.capability,
    acknowledged: given.capability !== undefined && from === "form",
    problem,
  };
}

export function loadTemplate(
  { engine }: ConsoleDeps,
  url: string,
): { template: Template | undefined; problem: string | undefined } {
  if (url === "") return { template: undefined, problem: undefined };
  try {
    return { template: readTemplate(templateText(engine, { url })), problem: undefined };
  } catch (error) {
    return { template: undefined, problem: refusal(error) };
  }
}

/** A link overrides defaults, except where NoEcho forbids it; unknown ones are ignored (B1). */
function fieldValues(
  template: Template,
  given: Readonly<Record<string, string>>,
  from: "link" | "form",
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(template.parameters).map(([name, definition]) => {
      const ignored = from === "link" && definition.noEcho;
      const written = ignored ? undefined : given[`param_${name}`];
      return [name, written ?? definition.default ?? definition.allowedValues?.[0] ?? ""];
    }),
  );
}

/** An empty field is no value, unless the default says that empty is fine. */
export function parameterInputs(
  template: Template,
  form: Readonly<Record<string, string>>,
): Record<string, ParameterInput> {
  return Object.fromEntries(
    Object.entries(template.parameters).map(([name, definition]) => {
      const typed = form[`param_${name}`] ?? "";
      const missing = typed === "" && definition.default === undefined;
      return [name, { value: missing ? undefined : typed, usePrevious: false }];
    }),
  );
}
