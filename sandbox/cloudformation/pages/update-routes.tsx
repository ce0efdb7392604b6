import type { Context, Hono } from "hono";
import { neededCapability } from "../requests/capabilities.ts";
import { requestUpdate } from "../requests/stack-requests.ts";
import { readTemplate } from "../stacks/plan.ts";
import type { Stack } from "../stacks/stack.ts";
import type { ParameterInput } from "../template/parameters.ts";
import type { Template } from "../template/template.ts";
import { UpdatePage, type UpdateProps } from "./change-pages.tsx";
import { loadTemplate, parameterInputs } from "./create-routes.tsx";
import { formOf, frame, noStack, refusal, stackAsked, where, type ConsoleDeps } from "./routes.tsx";
import { stackPath } from "./stack-list.tsx";

/** *Update stack*: another template or the same, previous values unless changed. */
export function updateRoutes(app: Hono, deps: ConsoleDeps): void {
  app.get("/cloudformation/update", (c) => {
    const stack = stackAsked(deps, c, c.req.query("stackId"));
    if (stack === undefined) return noStack(deps, c);
    return c.html(<UpdatePage {...update(deps, c, stack, c.req.query(), "link")} />);
  });
  app.post("/cloudformation/update", async (c) => {
    const form = await formOf(c);
    const region = form.region ?? "";
    const stack = stackAsked(deps, c, form.stackId, region);
    if (stack === undefined) return noStack(deps, c);
    const props = update(deps, c, stack, form, "form");
    const { template, templateUrl } = props;
    if (template === undefined) return c.html(<UpdatePage {...props} />, 400);
    try {
      requestUpdate(deps, where(deps, c, region), stack.id, {
        source: { url: templateUrl === "" ? undefined : templateUrl },
        usePreviousTemplate: templateUrl === "",
        parameters: keepingSecrets(stack, template, parameterInputs(template, form)),
        capabilities: form.capability === undefined ? [] : [form.capability],
        tags: undefined,
        disableRollback: false,
      });
      return c.redirect(stackPath(stack), 303);
    } catch (error) {
      return c.html(<UpdatePage {...props} problem={refusal(error)} />, 400);
    }
  });
}

function update(
  deps: ConsoleDeps,
  c: Context,
  stack: Stack,
  given: Readonly<Record<string, string>>,
  from: "link" | "form",
): UpdateProps {
  const templateUrl = given.templateURL ?? "";
  const { template, problem } =
    templateUrl === ""
      ? { template: readTemplate(stack.definition.templateText), problem: undefined }
      : loadTemplate(deps, templateUrl);
  return {
    ...frame(deps, c, `Update ${stack.name}`, stack.region),
    stack,
    templateUrl,
    template,
    values: template === undefined ? {} : fieldValues(stack, template, given, from),
    capability: template && neededCapability(template)?.capability,
    acknowledged: given.capability !== undefined && from === "form",
    problem,
  };
}

/** Previous values stand in the fields; a link can't change them (B1), and secrets never show. */
function fieldValues(
  stack: Stack,
  template: Template,
  given: Readonly<Record<string, string>>,
  from: "link" | "form",
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(template.parameters).map(([name, definition]) => {
      const typed = from === "form" ? given[`param_${name}`] : undefined;
      const previous = definition.noEcho ? "" : stack.definition.parameters[name];
      return [name, typed ?? previous ?? definition.default ?? ""];
    }),
  );
}

/** A NoEcho field left empty stays as it was. */
function keepingSecrets(
  stack: Stack,
  template: Template,
  inputs: Record<string, ParameterInput>,
): Record<string, ParameterInput> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, input]) => {
      const empty = (input.value ?? "") === "";
      const secret = template.parameters[name]?.noEcho === true;
      const known = name in stack.definition.parameters;
      return [
        name,
        empty && secret && known ? { value: undefined, usePrevious: true } : input,
      ] as const;
    }),
  );
}
