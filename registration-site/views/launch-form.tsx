import type { Dimension, Plan } from "../../metering/domain/charges.ts";
import type { Instant } from "../../metering/domain/license.ts";
import { planChoiceAt } from "../../metering/domain/terms.ts";
import type { LicenseOverview, PublishedTemplate } from "../ports.ts";
import { Csrf, type Chrome } from "./chrome.tsx";
import { chargeWords, planNotes, planPrice } from "./plan-words.ts";

/** Radios and button stand apart on the page, with all that should be read between them. */
const FORM_ID = "launch-form";

export function PlanPicker(props: { chrome: Chrome; overview: LicenseOverview; now: Instant }) {
  const { chrome, overview, now } = props;
  const { plans, listing } = chrome.product;
  const fixed = overview.license.plan?.fixed === true;
  const picked = fixed ? planChoiceAt(overview.license, now) : overview.license.plan;
  const chosen = picked?.id ?? plans[0]?.id;
  const offered = fixed ? plans.filter(({ id }) => id === chosen) : plans;
  return (
    <fieldset class="plans">
      <legend class="unseen">Plan</legend>
      {offered.map((plan) => (
        <PlanOption
          plan={plan}
          dimensions={listing.dimensions}
          form={FORM_ID}
          checked={plan.id === chosen}
        />
      ))}
      {fixed ? (
        <p class="note">
          The plan that counts now. <a href="/plan">See it, or change it</a>.
        </p>
      ) : null}
    </fieldset>
  );
}

export function PlanOption(props: {
  plan: Plan;
  dimensions: readonly Dimension[];
  /** Of the form that the choice belongs to. */
  form: string;
  checked: boolean;
}) {
  const { plan, dimensions, form, checked } = props;
  return (
    <div class="plan choice">
      <input
        type="radio"
        name="plan"
        form={form}
        id={`plan-${plan.id}`}
        value={plan.id}
        checked={checked}
        required
        aria-describedby={`plan-${plan.id}-rule`}
      />
      <label for={`plan-${plan.id}`}>
        <b>{plan.title}</b> <span class="price">{planPrice(plan, dimensions)}</span>
      </label>
      <div id={`plan-${plan.id}-rule`}>
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
      </div>
    </div>
  );
}

interface LaunchFormProps {
  readonly chrome: Chrome;
  readonly overview: LicenseOverview;
  readonly template: PublishedTemplate;
}

export function LaunchForm({ chrome, overview, template }: LaunchFormProps) {
  const canLaunch = overview.status === "active";
  const { launchStack, seller } = chrome.product;
  return (
    <form class="stack" id={FORM_ID} method="post" action="/setup/launch">
      <Csrf chrome={chrome} />
      <div class="row">
        <div>
          <label for="region">Region</label>
          <select id="region" name="region" required>
            {template.regions.map((region) => (
              <option value={region} selected={region === seller.meteringRegion}>
                {region}
              </option>
            ))}
          </select>
        </div>
        <div>
          <label for="size">Size</label>
          <select id="size" name="size" required>
            {template.sizes.map((size) => (
              <option value={size} selected={size === launchStack.defaultSize}>
                {size}
              </option>
            ))}
          </select>
        </div>
      </div>
      <p class="note">
        The next page gives you a fresh install code, valid once and for 24 hours, and takes you to
        the CloudFormation console. Launch in any account of yours; the console shows everything
        again before it creates anything.
      </p>
      <p class="actions">
        <button type="submit" class="button" disabled={!canLaunch}>
          Launch Stack
        </button>
        {canLaunch ? null : <span class="note">{whyNot(overview)}</span>}
      </p>
    </form>
  );
}

function whyNot(overview: LicenseOverview): string {
  return overview.status === "waiting-for-aws"
    ? "Possible as soon as AWS confirms your subscription."
    : "Not possible: this subscription is over.";
}
