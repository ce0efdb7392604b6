import { raw } from "hono/html";
import type { Child } from "hono/jsx";
import type { SandboxBuyer } from "../create-sandbox.ts";
import { STYLE } from "./style.ts";

export interface LayoutProps {
  readonly title: string;
  readonly now: number;
  readonly buyers: readonly SandboxBuyer[];
  readonly account: SandboxBuyer;
  /** Where choosing another account leads back to. */
  readonly path: string;
  readonly children?: Child;
}

export function Layout(props: LayoutProps) {
  const { title, now, buyers, account, path, children } = props;
  return (
    <>
      {raw("<!doctype html>")}
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <link rel="icon" href={ICON} />
          <title>{title} · local AWS sandbox</title>
          <style>{raw(STYLE)}</style>
        </head>
        <body>
          <header class="bar">
            <a class="name" href="/">
              Local AWS sandbox
            </a>
            <a href="/marketplace/subscriptions">Manage subscriptions</a>
            <a href="/marketplace/invoices">Invoices</a>
            <form method="post" action="/account">
              <label for="account">Signed in as</label>
              <select id="account" name="accountId">
                {buyers.map(({ accountId, name }) => (
                  <option value={accountId} selected={accountId === account.accountId}>
                    {name} ({accountId})
                  </option>
                ))}
              </select>
              <input type="hidden" name="back" value={path} />
              <button type="submit">Switch</button>
            </form>
          </header>
          <aside class="note" aria-label="About this sandbox">
            This is not AWS. Nothing here costs money. The sandbox's clock says{" "}
            <time datetime={new Date(now).toISOString()}>{instantText(now)}</time>.
          </aside>
          <main>{children}</main>
        </body>
      </html>
    </>
  );
}

/** Inline, so that browsers don't ask for a file. */
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath fill='%23b8500b' d='M2 13 8 2l6 11z'/%3E%3C/svg%3E";

export const instantText = (instant: number): string =>
  `${new Date(instant).toISOString().slice(0, 16).replace("T", " ")} UTC`;
