import type { Capability } from "../requests/capabilities.ts";
import type { Template } from "../template/template.ts";
import { Alert, Frame, type FrameProps } from "./frame.tsx";
import { ParameterFields } from "./parameter-fields.tsx";

export interface ReviewProps extends FrameProps {
  readonly templateUrl: string;
  readonly stackName: string;
  /** Undefined when the URL does not lead to a template. */
  readonly template: Template | undefined;
  readonly values: Readonly<Record<string, string>>;
  readonly capability: Capability | undefined;
  readonly acknowledged: boolean;
  readonly problem: string | undefined;
}

/** The quick-create page: everything on one page, filled in by the link, all of it editable. */
export function Review(props: ReviewProps) {
  const { template, problem } = props;
  return (
    <Frame {...props}>
      <h1>Quick create stack</h1>
      <p class="lead">
        CloudFormation makes everything the template describes in account{" "}
        <strong>{props.account.accountId}</strong>, region <strong>{props.region}</strong>.
      </p>
      <Alert title="The stack was not created" message={problem} />
      {template === undefined ? <NoTemplate {...props} /> : <Form {...props} template={template} />}
    </Frame>
  );
}

function NoTemplate({ region, templateUrl, stackName }: ReviewProps) {
  return (
    <form class="panel" method="get" action="/cloudformation/review">
      <h2>Template</h2>
      <input type="hidden" name="region" value={region} />
      <input type="hidden" name="stackName" value={stackName} />
      <div class="field">
        <label for="templateURL">Amazon S3 URL of the template</label>
        <input id="templateURL" name="templateURL" type="url" value={templateUrl} required />
      </div>
      <button class="main" type="submit">
        Load template
      </button>
    </form>
  );
}

function Form(props: ReviewProps & { readonly template: Template }) {
  const { region, templateUrl, stackName, template, values, problem } = props;
  const badName = problem !== undefined && /'stackName'|already exists/.test(problem);
  return (
    <form method="post" action="/cloudformation/review">
      <input type="hidden" name="region" value={region} />
      <input type="hidden" name="templateURL" value={templateUrl} />
      <section class="panel" aria-labelledby="template">
        <h2 id="template">Template</h2>
        <dl>
          <dt>Template URL</dt>
          <dd>
            <a href={templateUrl}>{templateUrl}</a>
          </dd>
          <dt>Stack description</dt>
          <dd>{template.description ?? "None"}</dd>
        </dl>
      </section>
      <section class="panel" aria-labelledby="name">
        <h2 id="name">Provide a stack name</h2>
        <div class="field">
          <label for="stackName">Stack name</label>
          <p class="hint" id="stackNameHint">
            Letters, numbers and hyphens; it begins with a letter.
          </p>
          <input
            id="stackName"
            name="stackName"
            value={stackName}
            maxlength={128}
            required
            aria-describedby="stackNameHint"
            aria-invalid={badName ? "true" : undefined}
          />
        </div>
      </section>
      <h2>Parameters</h2>
      <ParameterFields template={template} values={values} problem={problem} kept={false} />
      <Capabilities {...props} />
      <div class="actions">
        <button class="main" type="submit">
          Create stack
        </button>
        <a class="button" href={`/cloudformation/stacks?region=${region}`}>
          Cancel
        </a>
      </div>
    </form>
  );
}

/** What the person has to say yes to before permissions change in their account. */
export function Capabilities({
  capability,
  acknowledged,
}: Pick<ReviewProps, "capability" | "acknowledged">) {
  if (capability === undefined) return null;
  const what =
    capability === "CAPABILITY_NAMED_IAM" ? "IAM resources with names of its own" : "IAM resources";
  return (
    <section class="panel" aria-labelledby="capabilities">
      <h2 id="capabilities">Capabilities</h2>
      <div class="box">
        <h3>The template needs {capability}</h3>
        <p>
          It makes {what}, which give permissions in your account. Check that you want each of them,
          and that they ask for no more than they need.
        </p>
      </div>
      <label class="check">
        <input type="checkbox" name="capability" value={capability} checked={acknowledged} />
        <span>I acknowledge that this stack might create {what}.</span>
      </label>
    </section>
  );
}
