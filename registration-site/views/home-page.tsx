import type { Plan } from "../../metering/domain/charges.ts";
import type { PublishedTemplate } from "../ports.ts";
import { Page, Part, type Chrome } from "./chrome.tsx";
import { countOf } from "./format.tsx";
import { chargeWords, planNotes, planPrice } from "./plan-words.ts";
import { PermissionTable, ResourceTable, TemplateIdentity } from "./template-parts.tsx";

interface HomePageProps {
  readonly chrome: Chrome;
  readonly template: PublishedTemplate;
  /** Typed here earlier, or undefined. */
  readonly email: string | undefined;
  /** What became of the e-mail form that was just sent. */
  readonly emailNotice?: "kept" | "bad" | undefined;
}

/** The listing's fulfillment address, opened by hand: what this is, and the way in. */
export function HomePage({ chrome, template, email, emailNotice }: HomePageProps) {
  const { product } = chrome;
  return (
    <Page chrome={chrome} title={product.title}>
      <div class="hero">
        <h1>{product.title}</h1>
        <p class="lede">
          Runs in <em>your</em> AWS account, launched by you from one CloudFormation template.{" "}
          {product.seller.name} is paid through your AWS bill, and can see from outside only what
          the template's <a href="/template">permissions</a> say.
        </p>
        <WayIn chrome={chrome} />
      </div>
      <Part id="how" title="How it works">
        <ol class="numbered">
          <li>
            <b>Subscribe</b> in AWS Marketplace. There is nothing to pay here.
          </li>
          <li>
            <b>Set up your account</b> from your subscription. You arrive here signed in: AWS tells
            us which account subscribed, so there is no password and no account number to type.
          </li>
          <li>
            <b>Launch the stack</b> in any account of yours, after reading every permission it asks
            for. It proves by AWS's own signature which account it runs in; no key changes hands.
          </li>
          <li>
            <b>See what you pay and why.</b> A statement for each month shows AWS's figures, the
            rule, and the records that AWS accepted, so that you can recompute it.
          </li>
        </ol>
      </Part>
      <Part
        id="plans"
        title="Plans and prices"
        note="Charged by AWS Marketplace. What AWS charges for the resources in your account comes on top and goes to AWS."
      >
        <div class="plans">
          {product.plans.map((plan) => (
            <PlanCard plan={plan} chrome={chrome} />
          ))}
        </div>
      </Part>
      <Part
        id="launches"
        title="What it may do"
        note={
          <>
            {countOf(template.resources.length, "resource")},{" "}
            {countOf(template.permissions.length, "permission")}, version{" "}
            <code>{template.version}</code>
          </>
        }
      >
        <p>
          The template is public.{" "}
          <a href="/template">Read every permission and resource before you subscribe</a>.
        </p>
      </Part>
      <GetStarted chrome={chrome} email={email} notice={emailNotice} />
    </Page>
  );
}

function WayIn({ chrome }: { chrome: Chrome }) {
  if (chrome.csrfToken !== undefined) {
    return (
      <p class="actions">
        <a class="button" href="/setup">
          Continue to set-up
        </a>
        <span class="note">You are signed in.</span>
      </p>
    );
  }
  return (
    <p class="actions">
      <a class="button" href="#start">
        Get started
      </a>
      <a href={chrome.marketplaceUrl}>Already subscribed? Log in through AWS Marketplace</a>
    </p>
  );
}

function PlanCard({ plan, chrome }: { plan: Plan; chrome: Chrome }) {
  const { dimensions } = chrome.product.listing;
  return (
    <article class="plan">
      <h3>{plan.title}</h3>
      <p class="price">{planPrice(plan, dimensions)}</p>
      <p>{plan.summary}</p>
      {planNotes(plan).map((note) => (
        <p>{note}</p>
      ))}
      {plan.charges.map((charge) => {
        const words = chargeWords(charge, dimensions);
        return (
          <>
            <p>{words.rule}</p>
            <p class="example">{words.example}</p>
          </>
        );
      })}
    </article>
  );
}

function GetStarted(props: {
  chrome: Chrome;
  email: string | undefined;
  notice: HomePageProps["emailNotice"];
}) {
  const { chrome, email, notice } = props;
  const { seller } = chrome.product;
  return (
    <Part id="start" title="Get started or log in">
      {notice === "kept" ? (
        <p class="notice good" role="status">
          Noted in this browser. It is filled in for you when you arrive from AWS Marketplace.
        </p>
      ) : null}
      <form class="stack" method="post" action="/email">
        <label for="email">Your e-mail</label>
        <p class="note" id="email-hint">
          For notices about your deployment. Any address will do. It stays in this browser until you
          register.
        </p>
        <div class="row">
          <input
            id="email"
            name="email"
            type="email"
            autocomplete="email"
            required
            maxlength={254}
            value={email}
            aria-describedby={notice === "bad" ? "email-hint email-error" : "email-hint"}
            aria-invalid={notice === "bad" ? "true" : undefined}
          />
          <button type="submit">Keep it for set-up</button>
        </div>
        {notice === "bad" ? (
          <p class="error" id="email-error" role="alert">
            That is not an e-mail address. Write it like name@example.com.
          </p>
        ) : null}
      </form>
      <p>
        Then open <b>Manage subscriptions</b> in AWS Marketplace and choose{" "}
        <b>Set up your account</b> beside {chrome.product.title}. The same button logs you in again
        later: AWS vouches for you each time.
      </p>
      <p class="actions">
        <a class="button" href={chrome.marketplaceUrl}>
          Log in through AWS Marketplace
        </a>
      </p>
      <p>
        Stuck? Write to <a href={`mailto:${seller.supportEmail}`}>{seller.supportEmail}</a>.
      </p>
    </Part>
  );
}

/** Public, so that a security review needs no subscription. */
export function TemplatePage(props: { chrome: Chrome; template: PublishedTemplate }) {
  const { chrome, template } = props;
  return (
    <Page chrome={chrome} title="What it may do in your account" current="template">
      <div class="hero">
        <h1>What it may do in your account</h1>
        <p class="lede">
          Everything that the CloudFormation template creates, and every permission in it, taken
          from the template itself.
        </p>
      </div>
      <Part id="identity" title="The template">
        <TemplateIdentity template={template} />
      </Part>
      <Part wide id="permissions" title="Permissions">
        <PermissionTable permissions={template.permissions} />
      </Part>
      <Part wide id="resources" title="Resources">
        <ResourceTable resources={template.resources} />
      </Part>
    </Page>
  );
}
