import type { Deployment } from "../../metering/domain/license.ts";
import type { DeploymentOverview } from "../ports.ts";
import { Page, type Chrome } from "./chrome.tsx";
import { dateText, Time } from "./format.tsx";

const stateWords: Record<Deployment["state"], { label: string; tone: string }> = {
  "awaiting-confirmation": { label: "Waiting for you to confirm the account", tone: "warn" },
  active: { label: "Running", tone: "good" },
  ended: { label: "Ended", tone: "quiet" },
};

export function DeploymentState({ state }: { state: Deployment["state"] }) {
  const { label, tone } = stateWords[state];
  return <strong class={`tag ${tone}`}>{label}</strong>;
}

interface DeploymentsPageProps {
  readonly chrome: Chrome;
  readonly deployments: readonly DeploymentOverview[];
}

export function DeploymentsPage({ chrome, deployments }: DeploymentsPageProps) {
  return (
    <Page chrome={chrome} title="Deployments" current="deployments">
      <div class="hero">
        <h1>Deployments</h1>
        <p class="lede">The stacks registered for this subscription.</p>
      </div>
      {deployments.length === 0 ? (
        <p>
          None yet. <a href="/setup#launch">Launch the first one</a>.
        </p>
      ) : (
        <table class="cards">
          <caption class="unseen">Deployments</caption>
          <thead>
            <tr>
              <th scope="col">Deployment</th>
              <th scope="col">Account and region</th>
              <th scope="col">State</th>
              <th scope="col">Registered</th>
              <th scope="col">AWS cost seen</th>
            </tr>
          </thead>
          <tbody>
            {deployments.map((overview) => (
              <Row overview={overview} />
            ))}
          </tbody>
        </table>
      )}
    </Page>
  );
}

function Row({ overview }: { overview: DeploymentOverview }) {
  const { deployment, lastCostDay, readProblem } = overview;
  return (
    <tr>
      <td data-label="Deployment">
        <a href={`/deployments/${encodeURIComponent(deployment.deploymentId)}`}>
          {deployment.deploymentId}
        </a>
      </td>
      <td data-label="Account and region">
        <code>{deployment.accountId}</code> {deployment.region}
      </td>
      <td data-label="State">
        <DeploymentState state={deployment.state} />
      </td>
      <td data-label="Registered">
        <Time at={deployment.registeredAt} />
      </td>
      <td data-label="AWS cost seen">
        {lastCostDay === undefined ? "not yet" : `up to ${dateText(lastCostDay)}`}
        {readProblem === undefined ? null : <strong class="tag bad"> Could not be read</strong>}
      </td>
    </tr>
  );
}
