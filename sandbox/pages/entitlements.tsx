import type { Entitlement } from "../marketplace/state.ts";
import { ENTITLEMENT_TYPES, typeOf } from "../marketplace/entitlement-values.ts";
import { instantText, Layout } from "./layout.tsx";
import type { LayoutProps } from "./layout.tsx";
import type { ShownAgreement } from "./subscriptions.tsx";

export interface EntitlementsProps extends LayoutProps {
  readonly shown: ShownAgreement;
  /** Why the last form was not taken. */
  readonly problem?: string | undefined;
}

/** What a contract grants; on AWS the seller's offer says so. */
export function Entitlements(props: EntitlementsProps) {
  const { shown, problem } = props;
  const { agreement, license, product } = shown;
  const action = `/marketplace/agreements/${agreement.agreementId}/entitlements`;
  return (
    <Layout {...props}>
      <h1>Entitlements</h1>
      <p class="lead">
        What the contract <code>{agreement.agreementId}</code> for {product.title} grants. Each
        change sends <em>License Updated</em> again, and GetEntitlements answers the new figures.
      </p>
      {problem === undefined ? null : <p role="alert">{problem}</p>}
      <section class="panel" aria-labelledby="granted">
        <h2 id="granted">Granted</h2>
        {license.entitlements.length === 0 ? (
          <p>Nothing: this is a pay-as-you-go agreement.</p>
        ) : (
          <Granted entitlements={license.entitlements} action={action} />
        )}
      </section>
      {agreement.status === "ACTIVE" ? (
        <section class="panel" aria-labelledby="grant">
          <h2 id="grant">Grant or change</h2>
          <GrantForm
            action={action}
            dimensions={product.dimensions.map(({ name }) => name)}
            now={props.now}
          />
        </section>
      ) : null}
      <p>
        <a href="/marketplace/subscriptions">Manage subscriptions</a>
      </p>
    </Layout>
  );
}

function Granted({
  entitlements,
  action,
}: {
  entitlements: readonly Entitlement[];
  action: string;
}) {
  return (
    <div class="scroll" tabindex={0} role="region" aria-label="Entitlements">
      <table>
        <thead>
          <tr>
            <th scope="col">Dimension</th>
            <th scope="col">Type</th>
            <th scope="col">Value</th>
            <th scope="col">Expires</th>
            <th scope="col">Change</th>
          </tr>
        </thead>
        <tbody>
          {entitlements.map((entitlement) => (
            <tr>
              <td>{entitlement.dimension}</td>
              <td>{typeOf(entitlement)}</td>
              <td>{String(entitlement.value)}</td>
              <td>{instantText(entitlement.expiresAt)}</td>
              <td>
                <form method="post" action={`${action}/remove`}>
                  <input type="hidden" name="dimension" value={entitlement.dimension} />
                  <button
                    class="quiet"
                    type="submit"
                    aria-label={`Remove ${entitlement.dimension}`}
                  >
                    Remove
                  </button>
                </form>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const YEAR_MS = 365 * 24 * 3_600_000;

function GrantForm(props: { action: string; dimensions: readonly string[]; now: number }) {
  const { action, dimensions, now } = props;
  return (
    <form method="post" action={action} class="actions">
      <label>
        Dimension <input name="dimension" required maxlength={255} list="dimensions" />
      </label>
      <datalist id="dimensions">
        {dimensions.map((name) => (
          <option value={name} />
        ))}
      </datalist>
      <label>
        Type{" "}
        <select name="type">
          {ENTITLEMENT_TYPES.map((type) => (
            <option value={type}>{type}</option>
          ))}
        </select>
      </label>
      <label>
        Value <input name="value" required />
      </label>
      <label>
        Expires (UTC){" "}
        <input
          name="expires"
          type="date"
          required
          value={new Date(now + YEAR_MS).toISOString().slice(0, 10)}
        />
      </label>
      <button class="main" type="submit">
        Save
      </button>
    </form>
  );
}
