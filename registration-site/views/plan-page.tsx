import type { Plan } from "../../metering/domain/charges.ts";
import type { Instant, License } from "../../metering/domain/license.ts";
import { withPlan } from "../../metering/domain/plan-change.ts";
import { comingPlan, type PlanChoice, planChoiceAt } from "../../metering/domain/terms.ts";
import type { LicenseOverview, PlanChange } from "../ports.ts";
import { type Chrome, Csrf, Page, Part } from "./chrome.tsx";
import { Time } from "./format.tsx";
import { PlanOption } from "./launch-form.tsx";
import { chargeWords, planNotes, planPrice } from "./plan-words.ts";

export interface PlanPageProps {
  readonly chrome: Chrome;
  readonly overview: LicenseOverview;
  readonly now: Instant;
  /** What became of the change that was just asked for. */
  readonly outcome?: "changed" | Extract<PlanChange, { kind: "hosted-elsewhere" | "cost-taken" }>;
}

const FORM_ID = "plan-form";

export function PlanPage({ chrome, overview, now, outcome }: PlanPageProps) {
  const { license, status } = overview;
  const current = planChoiceAt(license, now);
  const coming = comingPlan(license, now);
  const isOver = status === "ending" || status === "ended";
  return (
    <Page chrome={chrome} title="Plan" current="plan">
      <div class="hero">
        <h1>Your plan</h1>
        {current === undefined ? (
          <p class="lede">
            You have not picked a plan yet.{" "}
            <a href="/setup#plan">Pick one on the way to your stack</a>.
          </p>
        ) : (
          <p class="lede">
            <PlanName chrome={chrome} choice={current} />, since <Time at={current.period.start} />
          </p>
        )}
        <Outcome outcome={outcome} chrome={chrome} />
        {coming === undefined || current === undefined ? null : (
          <Coming chrome={chrome} current={current} coming={coming} />
        )}
      </div>
      {current === undefined ? null : (
        <Part id="current" title={coming === undefined ? "What you pay" : "Until then"}>
          <PlanRules chrome={chrome} choice={current} />
        </Part>
      )}
      {coming === undefined ? null : (
        <Part id="coming" title="From then on">
          <PlanRules chrome={chrome} choice={coming} />
        </Part>
      )}
      {current === undefined || isOver ? null : (
        <ChangeForm chrome={chrome} license={license} chosen={(coming ?? current).id} now={now} />
      )}
    </Page>
  );
}

const planOf = ({ product }: Chrome, { id }: PlanChoice): Plan | undefined =>
  product.plans.find((plan) => plan.id === id);

/** A plan that is not offered any more goes on for those who have it. */
function PlanName({ chrome, choice }: { chrome: Chrome; choice: PlanChoice }) {
  const plan = planOf(chrome, choice);
  if (plan === undefined) return <b>{choice.id}</b>;
  return (
    <>
      <b>{plan.title}</b>, {planPrice(plan, chrome.product.listing.dimensions)}
    </>
  );
}

function PlanRules({ chrome, choice }: { chrome: Chrome; choice: PlanChoice }) {
  const plan = planOf(chrome, choice);
  if (plan === undefined) {
    return (
      <p>
        This plan is not offered any more. It goes on as it was; your{" "}
        <a href="/statements">statements</a> show its rules.
      </p>
    );
  }
  const { dimensions } = chrome.product.listing;
  return (
    <div class="plan">
      <p>
        <b>{plan.title}</b> <span class="price">{planPrice(plan, dimensions)}</span>
      </p>
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
  );
}

function Coming(props: { chrome: Chrome; current: PlanChoice; coming: PlanChoice }) {
  const { chrome, current, coming } = props;
  const back = planOf(chrome, current);
  return (
    <div class="notice warn">
      <p>
        From <Time at={coming.period.start} /> on: <PlanName chrome={chrome} choice={coming} />.
      </p>
      {back === undefined ? null : (
        <form method="post" action="/plan">
          <Csrf chrome={chrome} />
          <input type="hidden" name="plan" value={back.id} />
          <button type="submit">Keep {back.title} instead</button>
        </form>
      )}
    </div>
  );
}

function ChangeForm(props: { chrome: Chrome; license: License; chosen: string; now: Instant }) {
  const { chrome, license, chosen, now } = props;
  const { plans, listing } = chrome.product;
  const other = plans.find(({ id }) => id !== chosen);
  const from = other === undefined ? undefined : withPlan(license, other.id, now).plan?.since;
  return (
    <Part
      id="change"
      title="Change the plan"
      note={
        from === undefined || from <= now ? (
          "Counts at once, because no stack is registered yet."
        ) : (
          <>
            Counts from <Time at={from} />: a day's cost can't be split between plans. Until then
            you can change your mind. What earlier days came to stays as it was.
          </>
        )
      }
    >
      <form class="stack" id={FORM_ID} method="post" action="/plan">
        <Csrf chrome={chrome} />
        <fieldset class="plans">
          <legend class="unseen">Plan</legend>
          {plans.map((plan) => (
            <PlanOption
              plan={plan}
              dimensions={listing.dimensions}
              form={FORM_ID}
              checked={plan.id === chosen}
            />
          ))}
        </fieldset>
        <p class="actions">
          <button type="submit" class="button">
            Change plan
          </button>
        </p>
      </form>
    </Part>
  );
}

function Outcome({ outcome, chrome }: Pick<PlanPageProps, "outcome" | "chrome">) {
  if (outcome === undefined) return null;
  if (outcome === "changed") {
    return (
      <p class="notice good" role="status">
        Saved. What counts, and from when, stands below.
      </p>
    );
  }
  return (
    <p class="notice bad" role="alert">
      <b>The plan was not changed.</b>{" "}
      {outcome.kind === "cost-taken" ? (
        <>
          It counts the cost of AWS account <code>{outcome.accountId}</code>, which is metered for
          another deployment of this product, and the same cost is never billed twice. Delete the
          other deployment's stack first, or keep your plan.
        </>
      ) : outcome.needs === "seller" ? (
        <>
          It runs in our AWS account, and you have a stack in yours. Delete the stack, then change
          the plan.
        </>
      ) : (
        <>
          It runs in your AWS account, and we host the product for you now. Write to{" "}
          <a href={`mailto:${chrome.product.seller.supportEmail}`}>support</a>: what we host has to
          end first.
        </>
      )}
    </p>
  );
}
