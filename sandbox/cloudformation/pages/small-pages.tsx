import type { LogLine } from "../log-groups.ts";
import { Frame, Time, type FrameProps } from "./frame.tsx";

/** Where links into the console arrive: the script reads what stands behind the `#`. */
export function FragmentPage(props: FrameProps) {
  return (
    <Frame {...props}>
      <div class="panel" id="fragment">
        <h1>CloudFormation</h1>
        <p>Opening…</p>
        <noscript>
          <p>
            A link into the console carries its target behind the # sign, which only a script can
            read. Without scripts, replace{" "}
            <code>/cloudformation/home?region={props.region}#/stacks/create/review?</code> by{" "}
            <code>/cloudformation/review?region={props.region}&amp;</code> in the address, or go to
            the <a href={`/cloudformation/stacks?region=${props.region}`}>stacks</a>.
          </p>
        </noscript>
      </div>
    </Frame>
  );
}

export function LogsPage(
  props: FrameProps & { group: string; deleted: boolean; lines: readonly LogLine[] },
) {
  return (
    <Frame {...props}>
      <h1>Log group {props.group}</h1>
      {props.deleted ? (
        <p class="small">The log group was deleted; the sandbox keeps its lines for you.</p>
      ) : null}
      <table class="stacked">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Message</th>
          </tr>
        </thead>
        <tbody>
          {props.lines.map(({ at, text }) => (
            <tr>
              <td class="when">
                <Time at={at} />
              </td>
              <td>
                <code>{text}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {props.lines.length === 0 ? <p class="empty">No lines.</p> : null}
    </Frame>
  );
}

export function ProblemPage(props: FrameProps & { message: string }) {
  return (
    <Frame {...props}>
      <h1>{props.title}</h1>
      <div class="box alert" role="alert">
        <p>{props.message}</p>
      </div>
    </Frame>
  );
}
