import type { Plan } from "../../metering/domain/charges.ts";
import type { InstallCode, PublishedTemplate } from "../ports.ts";
import { Copyable, Page, Part, type Chrome } from "./chrome.tsx";
import { launchCommand } from "./cli.ts";
import { Time } from "./format.tsx";

interface LaunchPageProps {
  readonly chrome: Chrome;
  readonly template: PublishedTemplate;
  readonly plan: Plan;
  readonly region: string;
  readonly size: string;
  readonly code: InstallCode;
  readonly launchUrl: string;
  /** Deployments registered from now on are what the buyer waits for. */
  readonly waitingUrl: string;
}

/** Shown once, as the answer to the form: the code is stored only as a hash. */
export function LaunchPage(props: LaunchPageProps) {
  const { chrome, template, plan, region, size, code, launchUrl, waitingUrl } = props;
  const stackName = chrome.product.name;
  return (
    <Page chrome={chrome} title="Launch the stack" current="setup">
      <div class="hero">
        <h1>Launch the stack</h1>
        <p class="lede">
          {plan.title} plan, size {size}, in {region}. Template version{" "}
          <code>{template.version}</code>.
        </p>
        <p class="actions">
          <a class="button" href={launchUrl} target="_blank" rel="noopener">
            Open CloudFormation in {region}
            <span class="unseen"> (in a new tab)</span>
          </a>
          <a href={waitingUrl}>I started the stack: wait for it here</a>
        </p>
      </div>
      <Part id="code" title="Filled in for you">
        <dl class="facts">
          <div>
            <dt>Install code</dt>
            <dd>
              <Copyable id="install-code" text={code.code} label="the install code" />
              <p class="note">
                Binds the stack to your subscription. Valid once, until <Time at={code.expiresAt} />
                . Worth nothing afterwards, and no secret.
              </p>
            </dd>
          </div>
          <div>
            <dt>External ID</dt>
            <dd>
              <Copyable
                id="external-ids"
                text={code.externalIds.join(",")}
                label="the external ID"
              />
              <p class="note">
                The read-only cost role accepts {chrome.product.seller.name} only with this value,
                so that nobody can trick us into reading your account for them.
              </p>
            </dd>
          </div>
        </dl>
      </Part>
      <Part id="console" title="In the console">
        <ol class="numbered">
          <li>
            Sign in to the account that the stack shall run in. It may be another one than the
            account that subscribed; you will then be asked here to confirm it.
          </li>
          <li>
            Check the parameters. Install code, external ID and size are filled in; change only the
            stack's name if you like.
          </li>
          <li>
            Tick the acknowledgement that the template creates IAM roles (they are those in the
            permission table), then choose <b>Create stack</b>.
          </li>
          <li>It takes a few minutes. If AWS refuses something, the Events tab says why.</li>
        </ol>
      </Part>
      <Part id="cli" title="Without clicking">
        <p>With the AWS CLI and credentials of the account that the stack shall run in:</p>
        <Copyable
          block
          id="launch-command"
          text={launchCommand({ template, stackName, region, size, code })}
          label="the launch command"
        />
      </Part>
    </Page>
  );
}

interface WaitingPageProps {
  readonly chrome: Chrome;
  readonly watching: boolean;
  readonly watchUrl: string;
  readonly pauseUrl: string;
}

export function WaitingPage({ chrome, watching, watchUrl, pauseUrl }: WaitingPageProps) {
  return (
    <Page chrome={chrome} title="Waiting for the stack" current="setup">
      <div class="hero">
        <h1>Waiting for the stack to report</h1>
        <p class="lede">
          The last thing that the stack creates is its registration: it calls this site and proves
          which account it runs in. That is a few minutes after you chose <b>Create stack</b>.
        </p>
        <p role="status">
          {watching ? (
            <>
              This page looks again every 5 seconds and moves on by itself.{" "}
              <a href={pauseUrl}>Stop refreshing</a>
            </>
          ) : (
            <>
              Refreshing is off. <a href={pauseUrl}>Look now</a> or{" "}
              <a href={watchUrl}>look every 5 seconds</a>
            </>
          )}
        </p>
      </div>
      <Part id="trouble" title="If nothing happens">
        <ul>
          <li>
            Look at the stack's <b>Events</b> tab in the CloudFormation console. A failed creation
            gives its reason there, in plain words.
          </li>
          <li>
            Did the stack roll back? Its install code may be used up or expired:{" "}
            <a href="/setup#launch">launch again</a> for a fresh one.
          </li>
          <li>
            Still nothing? Write to{" "}
            <a href={`mailto:${chrome.product.seller.supportEmail}`}>
              {chrome.product.seller.supportEmail}
            </a>{" "}
            with the stack's ID.
          </li>
        </ul>
      </Part>
    </Page>
  );
}
