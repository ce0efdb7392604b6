import type { Stack } from "../stacks/stack.ts";
import { Frame, Status, Time, type FrameProps } from "./frame.tsx";

export interface StackListProps extends FrameProps {
  readonly stacks: readonly Stack[];
}

/** The stacks of one account in one region, those that are gone last. */
export function StackList(props: StackListProps) {
  const { stacks, region } = props;
  const alive = stacks.filter(({ status }) => status !== "DELETE_COMPLETE");
  const gone = stacks.filter(({ status }) => status === "DELETE_COMPLETE");
  return (
    <Frame {...props}>
      <div class="head">
        <h1>Stacks</h1>
        <a class="button" href={`/cloudformation/review?region=${region}`}>
          Create stack
        </a>
      </div>
      <section class="panel" aria-labelledby="active">
        <h2 id="active">Active ({alive.length})</h2>
        <Table stacks={alive} region={region} none="No stacks in this account and region." />
      </section>
      {gone.length === 0 ? null : (
        <section class="panel" aria-labelledby="deleted">
          <h2 id="deleted">Deleted ({gone.length})</h2>
          <Table stacks={gone} region={region} none="" />
        </section>
      )}
    </Frame>
  );
}

function Table(props: { stacks: readonly Stack[]; region: string; none: string }) {
  if (props.stacks.length === 0) return <p class="empty">{props.none}</p>;
  return (
    <table class="stacked">
      <thead>
        <tr>
          <th scope="col">Stack name</th>
          <th scope="col">Status</th>
          <th scope="col">Created</th>
          <th scope="col">Description</th>
        </tr>
      </thead>
      <tbody>
        {props.stacks.map((stack) => (
          <tr>
            <td>
              <a href={stackPath(stack)}>{stack.name}</a>
            </td>
            <td>
              <Status status={stack.status} />
            </td>
            <td data-label="Created">
              <Time at={stack.createdAt} />
            </td>
            <td>{stack.definition.description ?? ""}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function stackPath(stack: Stack, page = "stack"): string {
  const query = new URLSearchParams({ region: stack.region, stackId: stack.id });
  return `/cloudformation/${page}?${query.toString()}`;
}
