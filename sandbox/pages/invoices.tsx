import type { Invoice } from "../marketplace/invoices.ts";
import { instantText, Layout } from "./layout.tsx";
import type { LayoutProps } from "./layout.tsx";

/** What AWS bills the account that is signed in, newest month first. */
export function Invoices(props: LayoutProps & { readonly invoices: readonly Invoice[] }) {
  const { invoices, account } = props;
  return (
    <Layout {...props}>
      <h1>Invoices</h1>
      <p class="lead">
        What AWS Marketplace bills {account.name} ({account.accountId}). A month is an estimate
        until its invoice is issued on the 2nd of the next one.
      </p>
      {invoices.length === 0 ? (
        <section class="panel">
          <p>Nothing has been metered for this account yet.</p>
        </section>
      ) : null}
      {invoices.map((invoice) => (
        <section class="panel" aria-label={`${invoice.month}, ${invoice.agreementId}`}>
          <h2>
            {invoice.month}: ${invoice.amountUsd}
          </h2>
          <p class="small">
            {invoice.isIssued ? "Invoice" : "Estimate of invoice"} <code>{invoice.invoiceId}</code>,{" "}
            {invoice.isIssued ? "issued" : "to be issued"} {instantText(invoice.issuedAt)},
            agreement <code>{invoice.agreementId}</code>, offer <code>{invoice.offerId}</code>
          </p>
          <Lines invoice={invoice} />
        </section>
      ))}
    </Layout>
  );
}

function Lines({ invoice }: { invoice: Invoice }) {
  return (
    <div class="scroll" tabindex={0} role="region" aria-label={`Lines of ${invoice.invoiceId}`}>
      <table>
        <thead>
          <tr>
            <th scope="col">Dimension</th>
            <th scope="col" class="number">
              Units
            </th>
            <th scope="col" class="number">
              USD per unit
            </th>
            <th scope="col" class="number">
              USD
            </th>
          </tr>
        </thead>
        <tbody>
          {invoice.lines.map((line) => (
            <tr>
              <td>
                {line.dimension}
                {line.freeTrial ? " (free trial)" : ""}
                {line.identifiedBy === "ProductCode" ? " (metered by product code)" : ""}
              </td>
              <td class="number">{line.quantity}</td>
              <td class="number">${line.freeTrial ? "0" : line.unitPriceUsd}</td>
              <td class="number">${line.exactUsd}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
