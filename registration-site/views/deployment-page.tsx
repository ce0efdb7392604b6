import type { Deployment, License } from "../../metering/domain/license.ts";
import type { DeploymentOverview, PublishedTemplate } from "../ports.ts";
import { Copyable, Csrf, Page, Part, type Chrome } from "./chrome.tsx";
import { deleteCommand, updateCommand } from "./cli.ts";
import { dateText, monthText, Time, Usd } from "./format.tsx";
import { DeploymentState } from "./deployments-page.tsx";

export interface DeploymentPageProps {
  readonly chrome: Chrome;
  readonly license: License;
  readonly overview: DeploymentOverview;
  readonly template: PublishedTemplate;
  /** Of the newest month with a charge; undefined before the first one. */
  readonly newest: { month: string; billedUsd: string } | undefined;
  readonly watching: boolean;
}

export function DeploymentPage(props: DeploymentPageProps) {
  const { chrome, license, overview, template, watching } = props;
  const { deployment } = overview;
  const here = `/deployments/${encodeURIComponent(deployment.deploymentId)}`;
  return (
    <Page chrome={chrome} title={`Deployment ${deployment.deploymentId}`} current="deployments">
      <div class="hero">
        <p class="eyebrow">Deployment {deployment.deploymentId}</p>
        <h1>
          {deployment.region}, account {deployment.accountId}
        </h1>
        <p>
          <DeploymentState state={deployment.state} />{" "}
          {deployment.state === "ended" ? null : (
            <a href={watching ? here : `${here}?watch`}>
              {watching ? "Stop refreshing" : "Refresh every 10 seconds"}
            </a>
          )}
        </p>
        {deployment.state === "awaiting-confirmation" ? (
          <Confirmation chrome={chrome} license={license} deployment={deployment} here={here} />
        ) : null}
        {overview.readProblem === undefined ? null : (
          <div class="notice bad" role="status">
            <p>
              <b>AWS's cost figures could not be read the last time.</b> {overview.readProblem}
            </p>
            <p>
              We try again every hour. Nothing is charged on guesses: only what AWS reports counts.
            </p>
          </div>
        )}
      </div>
      <Part id="progress" title="Progress">
        <Timeline {...props} />
      </Part>
      <Part id="facts" title="What we know">
        <Facts overview={overview} />
      </Part>
      {deployment.state === "ended" ? null : (
        <Part
          id="settings"
          title="Settings"
          note="Our last answer to the stack. Every update of the stack renews it."
        >
          <Settings settings={overview.settings} />
        </Part>
      )}
      <Part id="role" title="Read-only role">
        <ReadRole chrome={chrome} deployment={deployment} />
      </Part>
      <Part id="change" title="Update or delete">
        <Changing deployment={deployment} template={template} />
      </Part>
    </Page>
  );
}

function Confirmation(props: {
  chrome: Chrome;
  license: License;
  deployment: Deployment;
  here: string;
}) {
  const { chrome, license, deployment, here } = props;
  return (
    <div class="notice warn">
      <h2>Is account {deployment.accountId} yours?</h2>
      <p>
        The stack proved that it runs in account <code>{deployment.accountId}</code>. The
        subscription belongs to account <code>{license.buyerAccountId}</code>. Until you confirm,
        nothing is measured and nothing is charged for this deployment.
      </p>
      <form class="actions" method="post" action={`${here}/decision`}>
        <Csrf chrome={chrome} />
        <button class="button" type="submit" name="decision" value="confirm">
          Yes, charge it to this subscription
        </button>
        <button type="submit" name="decision" value="reject">
          No, turn it away
        </button>
      </form>
    </div>
  );
}

function Timeline({ overview, newest }: DeploymentPageProps) {
  const { deployment, lastCostDay } = overview;
  return (
    <ol class="timeline">
      <li class="done">
        <b>Registered</b> <Time at={deployment.registeredAt} />. AWS attested the account.
      </li>
      <li class={lastCostDay === undefined ? "later" : "done"}>
        <b>AWS cost seen</b> {costSeenWords(overview)}
      </li>
      <li class={newest === undefined ? "later" : "done"}>
        <b>Charged</b>{" "}
        {newest === undefined ? (
          "Nothing so far."
        ) : (
          <>
            <Usd amount={newest.billedUsd} /> for {monthText(newest.month)}, all deployments of this
            subscription. <a href={`/statements/${newest.month}`}>See the statement</a>
          </>
        )}
      </li>
      {deployment.endedAt === undefined ? null : (
        <li class="done">
          <b>Ended</b> <Time at={deployment.endedAt} />
        </li>
      )}
    </ol>
  );
}

function costSeenWords({ deployment, lastCostDay }: DeploymentOverview): string {
  if (lastCostDay !== undefined) return `Figures up to ${dateText(lastCostDay)}.`;
  return deployment.state === "awaiting-confirmation"
    ? "Not before you confirm the account."
    : "Not yet: AWS publishes a day's cost up to 24 hours later.";
}

function Facts({ overview }: { overview: DeploymentOverview }) {
  const { deployment, lastCostDay, lastReadAt } = overview;
  return (
    <dl class="facts">
      <div>
        <dt>Account</dt>
        <dd>
          <code>{deployment.accountId}</code> <span class="note">attested by AWS</span>
        </dd>
      </div>
      <div>
        <dt>Stack</dt>
        <dd>
          <code>{deployment.stackId}</code>
        </dd>
      </div>
      <div>
        <dt>Template version</dt>
        <dd>
          <code>{deployment.templateVersion}</code>
          {deployment.size === undefined ? null : `, size ${deployment.size}`}
        </dd>
      </div>
      <div>
        <dt>Last cost read</dt>
        <dd>
          {lastReadAt === undefined ? "Not yet" : <Time at={lastReadAt} />}
          {lastCostDay === undefined ? null : `, figures up to ${dateText(lastCostDay)}`}
        </dd>
      </div>
      <div>
        <dt>Statements</dt>
        <dd>
          <a href="/statements">All months of this subscription</a>
        </dd>
      </div>
    </dl>
  );
}

/** Settings that the page can name; others are shown as the stack knows them. */
const settingLabels: Readonly<Record<string, string>> = {
  status: "Status",
  plan: "Plan",
  leaseUntil: "Good until",
};

const ISO_INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/;

function Settings({ settings }: { settings: DeploymentOverview["settings"] }) {
  const entries = Object.entries(settings);
  if (entries.length === 0) return <p>None.</p>;
  return (
    <dl class="facts">
      {entries.map(([name, value]) => (
        <div>
          <dt>{settingLabels[name] ?? name}</dt>
          <dd>
            {ISO_INSTANT.test(value) ? <Time at={Date.parse(value)} /> : <code>{value}</code>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function ReadRole({ chrome, deployment }: { chrome: Chrome; deployment: Deployment }) {
  const [inUse, ...others] = deployment.externalIds;
  if (deployment.state === "ended") {
    return (
      <p>
        Not used any more. The role <code>{deployment.readRoleArn}</code> goes away with the stack.
      </p>
    );
  }
  return (
    <>
      <dl class="facts">
        <div>
          <dt>Role</dt>
          <dd>
            <Copyable id="role-arn" text={deployment.readRoleArn} label="the role's ARN" />
          </dd>
        </div>
        <div>
          <dt>External ID in use</dt>
          <dd>
            {inUse === undefined ? (
              "None"
            ) : (
              <Copyable id="external-id" text={inUse} label="the external ID" />
            )}
          </dd>
        </div>
        {others.length === 0 ? null : (
          <div>
            <dt>Also accepted</dt>
            <dd>
              {others.map((id) => (
                <>
                  <code>{id}</code>{" "}
                </>
              ))}
              <p class="note">While one replaces the other.</p>
            </dd>
          </div>
        )}
      </dl>
      <p>
        Only {chrome.product.seller.name}'s account <code>{chrome.product.seller.accountId}</code>{" "}
        can assume it, only with the external ID, and only to read cost and the stack's own state.
        CloudTrail in your account records every use.
      </p>
    </>
  );
}

function Changing(props: { deployment: Deployment; template: PublishedTemplate }) {
  const { deployment, template } = props;
  const current = deployment.templateVersion === template.version;
  if (deployment.state === "ended") return <p>This deployment has ended.</p>;
  return (
    <>
      <p>
        {current ? (
          <>
            Version <code>{template.version}</code> is the newest.
          </>
        ) : (
          <>
            Version <code>{template.version}</code> is available;{" "}
            <a href="/template">read what it may do</a> first. In the console: the stack →{" "}
            <b>Update</b> → <b>Replace existing template</b> → the template's address; leave all
            parameters as they are. Or:
          </>
        )}
      </p>
      {current ? null : (
        <Copyable
          block
          id="update-stack"
          text={updateCommand(template, deployment)}
          label="the update command"
        />
      )}
      <p>
        Delete it whenever you like, in the console or with the command below. The stack tells us on
        its way out, the last cost is read while the role still exists, and deleting never waits for
        us. Your subscription goes on until you cancel it in AWS Marketplace.
      </p>
      <Copyable
        block
        id="delete-stack"
        text={deleteCommand(deployment)}
        label="the delete command"
      />
    </>
  );
}
