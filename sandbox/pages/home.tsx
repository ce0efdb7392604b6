import type { SandboxProduct } from "../create-sandbox.ts";
import { Layout } from "./layout.tsx";
import type { LayoutProps } from "./layout.tsx";

export interface HomeProps extends LayoutProps {
  readonly origin: string;
  readonly products: readonly SandboxProduct[];
}

const STEPS = [
  { hours: 1, label: "1 hour" },
  { hours: 24, label: "1 day" },
  { hours: 168, label: "1 week" },
];

const CONTROL = [
  ["clock", "read it, move it forward"],
  ["faults", "switch on throttling, lost answers, duplicates …"],
  ["cost-sources", "which FOCUS file is whose AWS cost"],
  ["agreements", "subscribe and cancel without the pages"],
  ["metering-records", "what AWS has recorded: the truth"],
  ["metering-calls", "every BatchMeterUsage call and its outcome"],
  ["events", "every lifecycle event sent"],
  ["requests", "every AWS call received"],
  ["identity", "accounts, access keys, endpoints"],
] as const;

export function Home(props: HomeProps) {
  const { origin, products } = props;
  return (
    <Layout {...props}>
      <h1>A local AWS to sell against</h1>
      <p class="lead">
        Marketplace Metering and Entitlement, STS, Cost Explorer, SQS, S3 and CloudFormation, as the
        AWS SDKs speak to them, with a clock that can be moved and faults that can be switched on.
      </p>
      <div class="columns">
        <div>
          <section class="panel">
            <h2>Listings</h2>
            <ul>
              {products.map(({ productId, title }) => (
                <li>
                  <a href={`/marketplace/${productId}`}>{title}</a>
                </li>
              ))}
            </ul>
          </section>
          <section class="panel">
            <h2>Point any SDK here</h2>
            <pre
              tabindex={0}
            >{`export AWS_ENDPOINT_URL=${origin}\nexport AWS_REGION=us-east-1`}</pre>
            <p class="small">
              Access keys of the seller and the buyers are in{" "}
              <a href="/_sandbox/identity">/_sandbox/identity</a>.
            </p>
          </section>
          <section class="panel">
            <h2>Control API</h2>
            <dl>
              {CONTROL.map(([path, what]) => (
                <>
                  <dt>
                    <a href={`/_sandbox/${path}`}>{path}</a>
                  </dt>
                  <dd>{what}</dd>
                </>
              ))}
            </dl>
          </section>
        </div>
        <section class="panel">
          <h2>Move the clock</h2>
          <p class="small">Forward only, as in life.</p>
          <div class="actions">
            {STEPS.map(({ hours, label }) => (
              <form method="post" action="/clock">
                <input type="hidden" name="hours" value={hours} />
                <button class="quiet" type="submit">
                  + {label}
                </button>
              </form>
            ))}
          </div>
        </section>
      </div>
    </Layout>
  );
}
