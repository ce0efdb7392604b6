import { Page, type Chrome } from "./chrome.tsx";
import type { Refusal } from "./refusals.ts";

interface RefusalPageProps {
  readonly chrome: Chrome;
  readonly refusal: Refusal;
  /** Of the logged fault, for support. */
  readonly reference?: string | undefined;
}

export function RefusalPage({ chrome, refusal, reference }: RefusalPageProps) {
  const { supportEmail } = chrome.product.seller;
  return (
    <Page chrome={chrome} title={refusal.title}>
      <article class="message">
        <p class="eyebrow">Error {refusal.status}</p>
        <h1>{refusal.title}</h1>
        <dl>
          <dt>What it means</dt>
          <dd>{refusal.meaning}</dd>
          <dt>What to do</dt>
          <dd>{refusal.next}</dd>
          {reference === undefined ? null : (
            <>
              <dt>Reference</dt>
              <dd>
                <code>{reference}</code>
              </dd>
            </>
          )}
          <dt>Support</dt>
          <dd>
            <a href={`mailto:${supportEmail}`}>{supportEmail}</a>
          </dd>
        </dl>
        <p class="actions">
          {refusal.viaMarketplace ? (
            <a class="button" href={chrome.marketplaceUrl}>
              Open your subscriptions in AWS Marketplace
            </a>
          ) : (
            <a class="button" href={chrome.csrfToken === undefined ? "/" : "/setup"}>
              {chrome.csrfToken === undefined ? "Go to the first page" : "Go to set-up"}
            </a>
          )}
        </p>
      </article>
    </Page>
  );
}
