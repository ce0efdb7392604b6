import type { Instant } from "../../metering/domain/license.ts";
import type { LicenseOverview, PublishedTemplate } from "../ports.ts";
import { Csrf, Page, Part, type Chrome } from "./chrome.tsx";
import { Time } from "./format.tsx";
import { LaunchForm, PlanPicker } from "./launch-form.tsx";
import { PermissionTable, ResourceTable, TemplateIdentity } from "./template-parts.tsx";

export interface SetupPageProps {
  readonly chrome: Chrome;
  readonly overview: LicenseOverview;
  readonly template: PublishedTemplate;
  readonly email: string | undefined;
  readonly emailNotice?: "saved" | "bad" | undefined;
  readonly now: Instant;
}

export function SetupPage(props: SetupPageProps) {
  const { chrome, overview, template, email, emailNotice, now } = props;
  const { license } = overview;
  return (
    <Page chrome={chrome} title="Set up" current="setup">
      <div class="hero">
        <h1>Set up {chrome.product.title}</h1>
        <p class="lede">
          For the subscription of AWS account <code>{license.buyerAccountId}</code>, license{" "}
          <code>{license.licenseId}</code>
        </p>
        <Steps overview={overview} />
        <StatusNotice overview={overview} />
      </div>
      <Part id="contact" title="Your e-mail" note="For notices about this subscription only.">
        <ContactForm chrome={chrome} email={email} notice={emailNotice} />
      </Part>
      <Part
        id="plan"
        title="Plan"
        note="Charged on your AWS bill by AWS Marketplace. You can change it later, from the next day on."
      >
        <PlanPicker chrome={chrome} overview={overview} now={now} />
      </Part>
      <Part
        wide
        id="permissions"
        title="Permissions"
        note="Every statement in the template: who can use it, and why it is needed."
      >
        <PermissionTable permissions={template.permissions} />
      </Part>
      <Part
        wide
        id="resources"
        title="What lands in your account"
        note="AWS charges your account for these directly; we add nothing to that bill."
      >
        <ResourceTable resources={template.resources} />
        <p class="note">
          What they come to depends on the region and on your use. For a figure before you launch,
          put them into the <a href="https://calculator.aws/">AWS Pricing Calculator</a>; after the
          launch the deployment's own page shows what AWS reports.
        </p>
      </Part>
      <Part id="template" title="Template">
        <TemplateIdentity template={template} />
      </Part>
      <Part id="launch" title="Launch">
        <LaunchForm chrome={chrome} overview={overview} template={template} />
      </Part>
    </Page>
  );
}

type StepState = "done" | "now" | "later";

const stepWords: Record<StepState, string> = { done: "done", now: "next", later: "to come" };

function Steps({ overview }: { overview: LicenseOverview }) {
  const confirmed = overview.license.activatedAt !== undefined;
  const launched = overview.deployments.length > 0;
  const running = overview.deployments.some(({ deployment }) => deployment.state === "active");
  const doneUpTo = running ? 4 : launched ? 3 : confirmed ? 2 : 1;
  const labels = ["Subscribed", "Confirmed by AWS", "Stack launched", "Running"];
  const stateOf = (step: number): StepState =>
    step <= doneUpTo ? "done" : step === doneUpTo + 1 ? "now" : "later";
  return (
    <ol class="steps" aria-label="Progress">
      {labels.map((label, index) => {
        const state = stateOf(index + 1);
        return (
          <li class={state} aria-current={state === "now" ? "step" : undefined}>
            <b>{label}</b> <span>{stepWords[state]}</span>
          </li>
        );
      })}
    </ol>
  );
}

function StatusNotice({ overview }: { overview: LicenseOverview }) {
  const { license, status, deployments } = overview;
  switch (status) {
    case "waiting-for-aws":
      return (
        <div class="notice warn" role="status">
          <p>
            <b>AWS has not confirmed your subscription yet.</b> That usually takes a minute. Until
            then nothing is charged, and a stack can't be launched; everything below can be read and
            prepared.
          </p>
          <p>
            <a href="/setup?watch">Check again every 10 seconds</a> or{" "}
            <a href="/setup">check now</a>.
          </p>
        </div>
      );
    case "active":
      return deployments.length === 0 ? null : (
        <p class="notice good" role="status">
          {deployments.length === 1 ? "Your stack is registered." : "Your stacks are registered."}{" "}
          <a href="/deployments">See how it is doing</a>.
        </p>
      );
    case "ending":
      return (
        <p class="notice warn" role="status">
          <b>This subscription is ending.</b> The last use is being measured. The stack in your
          account is yours to delete whenever you like.
        </p>
      );
    case "ended":
      return (
        <p class="notice warn" role="status">
          <b>This subscription ended</b>
          {license.endedAt === undefined ? null : (
            <>
              {" on "}
              <Time at={license.endedAt} />
            </>
          )}
          . Nothing more is charged. Your <a href="/statements">statements</a> stay here.
        </p>
      );
  }
}

function ContactForm(props: {
  chrome: Chrome;
  email: string | undefined;
  notice: SetupPageProps["emailNotice"];
}) {
  const { chrome, email, notice } = props;
  return (
    <form class="stack" method="post" action="/setup/contact">
      <Csrf chrome={chrome} />
      <label for="email">E-mail</label>
      <div class="row">
        <input
          id="email"
          name="email"
          type="email"
          autocomplete="email"
          required
          maxlength={254}
          value={email}
          aria-describedby={notice === "bad" ? "email-error" : undefined}
          aria-invalid={notice === "bad" ? "true" : undefined}
        />
        <button type="submit">Save</button>
      </div>
      {notice === "saved" ? (
        <p class="confirmed" role="status">
          Saved.
        </p>
      ) : null}
      {notice === "bad" ? (
        <p class="error" id="email-error" role="alert">
          That is not an e-mail address, so it was not saved. Write it like name@example.com.
        </p>
      ) : null}
    </form>
  );
}
