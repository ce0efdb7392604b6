import type { SandboxProduct } from "../create-sandbox.ts";
import type { Agreement, LicenseState } from "../marketplace/state.ts";
import { instantText, Layout } from "./layout.tsx";
import type { LayoutProps } from "./layout.tsx";

export interface ShownAgreement {
  readonly agreement: Agreement;
  readonly license: LicenseState;
  readonly product: SandboxProduct;
  readonly fulfillmentUrl: string;
  readonly registrationToken: string;
}

/** After *Subscribe*: the way to the seller. */
export function Subscribed(props: LayoutProps & { readonly shown: ShownAgreement }) {
  const { shown } = props;
  return (
    <Layout {...props}>
      <h1>You are subscribed to {shown.product.title}</h1>
      <p class="lead">
        One step is left: set up your account with the seller. AWS Marketplace sends you there with
        a registration token that works for four hours; it can be fetched again on{" "}
        <a href="/marketplace/subscriptions">Manage subscriptions</a>.
      </p>
      <section class="panel">
        <SetUpForm shown={shown} label="Set up your account" main />
        <p class="small">This posts the token to {shown.fulfillmentUrl}</p>
      </section>
      <section class="panel">
        <h2>Your agreement</h2>
        <Details shown={shown} />
      </section>
    </Layout>
  );
}

export function Subscriptions(props: LayoutProps & { readonly all: readonly ShownAgreement[] }) {
  const { all, account } = props;
  return (
    <Layout {...props}>
      <h1>Manage subscriptions</h1>
      <p class="lead">
        Agreements of {account.name} ({account.accountId}).
      </p>
      {all.length === 0 ? (
        <section class="panel">
          <p>
            This account has no subscription. Listings are on the <a href="/">start page</a>.
          </p>
        </section>
      ) : null}
      {all.map((shown) => (
        <section
          class="panel"
          aria-label={`${shown.product.title}, ${shown.agreement.agreementId}`}
        >
          <h2>{shown.product.title}</h2>
          <Details shown={shown} />
          {shown.agreement.status === "ACTIVE" ? (
            <div class="actions" style="margin-top:1rem">
              <SetUpForm shown={shown} label="Set up your account" />
              <a href={`/marketplace/agreements/${shown.agreement.agreementId}/entitlements`}>
                Entitlements
              </a>
              <form
                method="post"
                action={`/marketplace/agreements/${shown.agreement.agreementId}/cancel`}
              >
                <button class="quiet" type="submit">
                  Cancel subscription
                </button>
              </form>
            </div>
          ) : null}
        </section>
      ))}
    </Layout>
  );
}

/** A real form, posted by the buyer's browser across origins (protocol-facts A2). */
function SetUpForm(props: { shown: ShownAgreement; label: string; main?: boolean }) {
  const { shown, label, main } = props;
  return (
    <form method="post" action={shown.fulfillmentUrl}>
      <input type="hidden" name="x-amzn-marketplace-token" value={shown.registrationToken} />
      {shown.agreement.freeTrial ? (
        <input type="hidden" name="x-amzn-marketplace-offer-type" value="free-trial" />
      ) : null}
      <button class={main === true ? "main" : "quiet"} type="submit">
        {label}
      </button>
    </form>
  );
}

function Details({ shown: { agreement, license } }: { shown: ShownAgreement }) {
  return (
    <dl>
      <dt>Status</dt>
      <dd>
        <span class={`state ${agreement.status}`}>{agreement.status}</span>
        {license.suspended ? " (account suspended)" : ""}
      </dd>
      <dt>Agreement</dt>
      <dd>
        <code>{agreement.agreementId}</code>
      </dd>
      <dt>License</dt>
      <dd>
        <code>{license.licenseArn}</code>
      </dd>
      <dt>Accepted</dt>
      <dd>{instantText(agreement.acceptedAt)}</dd>
      {agreement.endedAt === undefined ? null : (
        <>
          <dt>Ended</dt>
          <dd>{instantText(agreement.endedAt)}</dd>
        </>
      )}
    </dl>
  );
}
