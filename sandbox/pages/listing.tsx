import type { SandboxProduct } from "../create-sandbox.ts";
import type { Offer } from "../marketplace/offers.ts";
import { Layout } from "./layout.tsx";
import type { LayoutProps } from "./layout.tsx";

export interface ListingProps extends LayoutProps {
  readonly product: SandboxProduct;
  readonly agreements: number;
  /** What this account can accept beside the public listing. */
  readonly offers: readonly Offer[];
}

export function Listing(props: ListingProps) {
  const { product, account, agreements, offers } = props;
  return (
    <Layout {...props}>
      <h1>{product.title}</h1>
      <p class="lead">
        Sold by account {product.sellerAccountId}. Runs in your own AWS account; billed through AWS
        Marketplace.
      </p>
      <div class="columns">
        <section class="panel">
          <h2>Pricing</h2>
          <p>Pay as you go. Usage is metered each hour and billed with your AWS invoice.</p>
          <div class="scroll" tabindex={0} role="region" aria-label="Prices">
            <table>
              <thead>
                <tr>
                  <th scope="col">Dimension</th>
                  <th scope="col">What is metered</th>
                  <th scope="col" class="number">
                    USD per unit
                  </th>
                </tr>
              </thead>
              <tbody>
                {product.dimensions.map(({ name, description, unitPriceUsd }) => (
                  <tr>
                    <td>{name}</td>
                    <td>{description}</td>
                    <td class="number">${unitPriceUsd}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <p class="small">
            The product also uses AWS services in your account, which AWS charges you for as usual.
          </p>
        </section>
        <section class="panel" aria-labelledby="subscribe">
          <h2 id="subscribe">Subscribe</h2>
          <p>
            The subscription belongs to <strong>{account.name}</strong> (account {account.accountId}
            ). You can cancel at any time.
          </p>
          <form method="post" action={`/marketplace/${product.productId}/subscribe`}>
            <button class="main" type="submit">
              Subscribe
            </button>
          </form>
          {offers.map((offer) => (
            <OfferForm offer={offer} productId={product.productId} />
          ))}
          {agreements > 0 ? (
            <p class="small">
              This account has {agreements} active {agreements === 1 ? "agreement" : "agreements"}{" "}
              already. <a href="/marketplace/subscriptions">Manage subscriptions</a>. Another one is
              a purchase of its own.
            </p>
          ) : null}
        </section>
      </div>
    </Layout>
  );
}

function OfferForm({ offer, productId }: { offer: Offer; productId: string }) {
  const { offerId, unitPricesUsd = {}, freeTrialDays } = offer;
  const prices = Object.entries(unitPricesUsd).map(([name, price]) => `${name} $${price}`);
  return (
    <form method="post" action={`/marketplace/${productId}/subscribe`}>
      <input type="hidden" name="offerId" value={offerId} />
      <p>
        Offer <code>{offerId}</code>
        {freeTrialDays === undefined ? null : `: free for ${freeTrialDays} days`}
        {prices.length === 0 ? null : `: ${prices.join(", ")} per unit`}
      </p>
      <button class="quiet" type="submit">
        {freeTrialDays === undefined ? "Accept offer" : "Try for free"}
      </button>
    </form>
  );
}
