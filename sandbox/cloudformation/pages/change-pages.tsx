import type { Capability } from "../requests/capabilities.ts";
import type { Stack } from "../stacks/stack.ts";
import type { Template } from "../template/template.ts";
import { Alert, Frame, type FrameProps } from "./frame.tsx";
import { ParameterFields } from "./parameter-fields.tsx";
import { Capabilities } from "./review.tsx";
import { stackPath } from "./stack-list.tsx";

export interface UpdateProps extends FrameProps {
  readonly stack: Stack;
  /** Empty: the stack keeps its template. */
  readonly templateUrl: string;
  readonly template: Template | undefined;
  readonly values: Readonly<Record<string, string>>;
  readonly capability: Capability | undefined;
  readonly acknowledged: boolean;
  readonly problem: string | undefined;
}

/** *Replace existing template* or keep it, and change parameters. */
export function UpdatePage(props: UpdateProps) {
  const { stack, region, templateUrl, template, values, problem } = props;
  return (
    <Frame {...props}>
      <h1>Update {stack.name}</h1>
      <Alert title="The stack was not updated" message={problem} />
      <form class="panel" method="get" action="/cloudformation/update">
        <h2>Template</h2>
        <input type="hidden" name="region" value={region} />
        <input type="hidden" name="stackId" value={stack.id} />
        <div class="field">
          <label for="templateURL">Replace the existing template by this Amazon S3 URL</label>
          <p class="hint">Leave it empty to keep the template that the stack has.</p>
          <input id="templateURL" name="templateURL" type="url" value={templateUrl} />
        </div>
        <button class="quiet" type="submit">
          Load template
        </button>
      </form>
      {template === undefined ? null : (
        <form method="post" action="/cloudformation/update">
          <input type="hidden" name="region" value={region} />
          <input type="hidden" name="stackId" value={stack.id} />
          <input type="hidden" name="templateURL" value={templateUrl} />
          <h2>Parameters</h2>
          <ParameterFields template={template} values={values} problem={problem} kept={true} />
          <Capabilities {...props} />
          <div class="actions">
            <button class="main" type="submit">
              Update stack
            </button>
            <a class="button" href={stackPath(stack)}>
              Cancel
            </a>
          </div>
        </form>
      )}
    </Frame>
  );
}

export interface DeleteProps extends FrameProps {
  readonly stack: Stack;
}

export function DeletePage(props: DeleteProps) {
  const { stack, region } = props;
  const kept = Object.values(stack.resources).filter(({ deletionPolicy }) =>
    deletionPolicy.startsWith("Retain"),
  );
  return (
    <Frame {...props}>
      <h1>Delete {stack.name}?</h1>
      <form class="panel" method="post" action="/cloudformation/delete">
        <input type="hidden" name="region" value={region} />
        <input type="hidden" name="stackId" value={stack.id} />
        <p>The stack's resources are deleted. This cannot be undone.</p>
        {kept.length === 0 ? null : (
          <p>
            The template keeps these: {kept.map(({ logicalId }) => logicalId).join(", ")}. They stay
            in the account, and so does what they cost.
          </p>
        )}
        <div class="actions">
          <button class="main" type="submit">
            Delete stack
          </button>
          <a class="button" href={stackPath(stack)}>
            Cancel
          </a>
        </div>
      </form>
    </Frame>
  );
}
