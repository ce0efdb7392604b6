import { raw } from "hono/html";
import { shownParameters } from "../requests/answers.ts";
import { isInProgress, UPDATABLE, type Stack } from "../stacks/stack.ts";
import { Alert, Frame, Status, Time, type FrameProps } from "./frame.tsx";
import { stackPath } from "./stack-list.tsx";

export interface StackPageProps extends FrameProps {
  readonly stack: Stack;
  readonly problem: string | undefined;
}

/** Text, because hono's JSX would lift the element out of noscript into the head. */
const REFRESH_WITHOUT_SCRIPT = `<noscript><meta http-equiv="refresh" content="2"></noscript>`;

/** One stack: what happened, what it made, what it says. */
export function StackPage(props: StackPageProps) {
  const { stack, problem } = props;
  const moving = isInProgress(stack);
  return (
    <Frame {...props}>
      {moving ? raw(REFRESH_WITHOUT_SCRIPT) : null}
      <Alert title="This could not be done" message={problem} />
      <div id="live" data-stream={moving ? stackPath(stack, "stream") : undefined}>
        <LiveStack stack={stack} />
      </div>
      <Parameters stack={stack} />
      <section class="panel" aria-labelledby="template">
        <h2 id="template">Template</h2>
        <p class="small">{stack.definition.templateUrl ?? "Given inline"}</p>
        <details>
          <summary>Show the template</summary>
          <pre tabindex={0}>{readable(stack.definition.templateText)}</pre>
        </details>
      </section>
    </Frame>
  );
}

function Actions({ stack }: { stack: Stack }) {
  if (stack.status === "DELETE_COMPLETE") return null;
  return (
    <div class="actions">
      {UPDATABLE.includes(stack.status) ? (
        <a class="button" href={stackPath(stack, "update")}>
          Update stack
        </a>
      ) : null}
      <a class="button" href={stackPath(stack, "delete")}>
        Delete stack
      </a>
    </div>
  );
}

/** The part that changes while the stack does; also what the event stream carries. */
export function LiveStack({ stack }: { stack: Stack }) {
  return (
    <>
      <div class="head">
        <h1>{stack.name}</h1>
        <Actions stack={stack} />
      </div>
      <nav class="sections" aria-label="Sections">
        {["Events", "Resources", "Outputs", "Parameters", "Template"].map((name) => (
          <a href={`#${name.toLowerCase()}`}>{name}</a>
        ))}
      </nav>
      <section class="panel" aria-labelledby="overview">
        <h2 id="overview">Overview</h2>
        <dl>
          <dt>Status</dt>
          <dd>
            <span role="status">
              <Status status={stack.status} />
            </span>
          </dd>
          <dt>Status reason</dt>
          <dd>{stack.statusReason ?? "–"}</dd>
          <dt>Description</dt>
          <dd>{stack.definition.description ?? "–"}</dd>
          <dt>Stack ID</dt>
          <dd>
            <code>{stack.id}</code>
          </dd>
          <dt>Created</dt>
          <dd>
            <Time at={stack.createdAt} />
          </dd>
        </dl>
      </section>
      <Events stack={stack} />
      <Resources stack={stack} />
      <Outputs stack={stack} />
    </>
  );
}

function Events({ stack }: { stack: Stack }) {
  return (
    <section class="panel" aria-labelledby="events">
      <h2 id="events">Events ({stack.events.length})</h2>
      <table class="events stacked">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Logical ID</th>
            <th scope="col">Status</th>
            <th scope="col">Status reason</th>
          </tr>
        </thead>
        <tbody>
          {[...stack.events].reverse().map((event) => (
            <tr>
              <td class="when">
                <Time at={event.at} />
              </td>
              <td>{event.logicalId}</td>
              <td>
                <Status status={event.status} />
              </td>
              <td>{event.reason ?? ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Resources({ stack }: { stack: Stack }) {
  const resources = Object.values(stack.resources);
  return (
    <section class="panel" aria-labelledby="resources">
      <h2 id="resources">Resources ({resources.length})</h2>
      {resources.length === 0 ? <p class="empty">None yet.</p> : null}
      <table class="stacked" hidden={resources.length === 0}>
        <thead>
          <tr>
            <th scope="col">Logical ID</th>
            <th scope="col">Physical ID</th>
            <th scope="col">Type</th>
            <th scope="col">Status</th>
          </tr>
        </thead>
        <tbody>
          {resources.map((resource) => (
            <tr>
              <td>{resource.logicalId}</td>
              <td data-label="Physical ID">
                <code>{resource.physicalId ?? ""}</code>
                <Logs stack={stack} type={resource.type} name={resource.physicalId} />
              </td>
              <td data-label="Type">{resource.type}</td>
              <td>
                <Status status={resource.status} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** What functions printed stands in the log groups, also after those were deleted. */
function Logs(props: { stack: Stack; type: string; name: string | undefined }) {
  if (props.type !== "AWS::Logs::LogGroup" || props.name === undefined) return null;
  const query = new URLSearchParams({ region: props.stack.region, group: props.name });
  return (
    <>
      {" "}
      <a href={`/cloudformation/logs?${query.toString()}`}>Logs</a>
    </>
  );
}

function Outputs({ stack }: { stack: Stack }) {
  return (
    <section class="panel" aria-labelledby="outputs">
      <h2 id="outputs">Outputs ({stack.outputs.length})</h2>
      {stack.outputs.length === 0 ? <p class="empty">None yet.</p> : null}
      <dl>
        {stack.outputs.map(({ key, value, description }) => (
          <>
            <dt>{key}</dt>
            <dd>
              <code>{value}</code>
              {description === undefined ? null : <div class="small">{description}</div>}
            </dd>
          </>
        ))}
      </dl>
    </section>
  );
}

function Parameters({ stack }: { stack: Stack }) {
  const parameters = shownParameters(stack);
  return (
    <section class="panel" aria-labelledby="parameters">
      <h2 id="parameters">Parameters ({parameters.length})</h2>
      <dl>
        {parameters.map(({ ParameterKey, ParameterValue }) => (
          <>
            <dt>{ParameterKey}</dt>
            <dd>
              <code>{ParameterValue}</code>
            </dd>
          </>
        ))}
      </dl>
    </section>
  );
}

function readable(template: string): string {
  return JSON.stringify(JSON.parse(template), null, 2);
}
