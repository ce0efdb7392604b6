import type { Child } from "hono/jsx";
import type { Product } from "../../product/definition.ts";
import { assets } from "./assets.ts";

/** What every page shows around its content. */
export interface Chrome {
  readonly product: Product;
  readonly marketplaceUrl: string;
  /** Of the signed-in buyer; undefined for a stranger, who gets no navigation. */
  readonly csrfToken: string | undefined;
}

export type Section = "setup" | "plan" | "deployments" | "statements" | "template";

interface PageProps {
  readonly chrome: Chrome;
  readonly title: string;
  readonly current?: Section;
  readonly children?: Child;
}

/** The document: landmarks, a skip link, one stylesheet, one optional script. */
export function Page({ chrome, title, current, children }: PageProps) {
  const { product } = chrome;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title === product.title ? title : `${title} · ${product.title}`}</title>
        <link rel="stylesheet" href={assets.stylesheet.path} />
        <link rel="icon" type="image/svg+xml" href={assets.icon.path} />
        <script src={assets.copyScript.path} defer></script>
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <header class="masthead">
          <a class="brand" href="/">
            <b>{product.title}</b> <span>by {product.seller.name}</span>
          </a>
          <Navigation chrome={chrome} current={current} />
        </header>
        <main id="main" tabindex={-1}>
          {children}
        </main>
        <Footer chrome={chrome} />
      </body>
    </html>
  );
}

function Navigation({ chrome, current }: { chrome: Chrome; current: Section | undefined }) {
  const link = (section: Section, href: string, label: string) => (
    <a href={href} aria-current={current === section ? "page" : undefined}>
      {label}
    </a>
  );
  if (chrome.csrfToken === undefined) {
    return <nav aria-label="Main">{link("template", "/template", "What it may do")}</nav>;
  }
  return (
    <nav aria-label="Main">
      {link("setup", "/setup", "Set up")}
      {link("plan", "/plan", "Plan")}
      {link("deployments", "/deployments", "Deployments")}
      {link("statements", "/statements", "Statements")}
      <form method="post" action="/logout">
        <input type="hidden" name="csrf" value={chrome.csrfToken} />
        <button class="plain" type="submit">
          Sign out
        </button>
      </form>
    </nav>
  );
}

function Footer({ chrome }: { chrome: Chrome }) {
  const { seller } = chrome.product;
  return (
    <footer class="colophon">
      <p>
        Support: <a href={`mailto:${seller.supportEmail}`}>{seller.supportEmail}</a>
        {seller.supportUrl === undefined ? null : (
          <>
            {" "}
            · <a href={seller.supportUrl}>Support site</a>
          </>
        )}
      </p>
      <p>
        Sold by {seller.name} (AWS account <code>{seller.accountId}</code>) through AWS Marketplace
        and charged on your AWS bill. This site never asks for payment details or AWS keys.
      </p>
    </footer>
  );
}

/** A heading in the left rail, its content beside it; one column on a phone. */
export function Part(props: {
  id: string;
  title: string;
  note?: Child;
  /** Heading above instead of beside, for tables that need the room. */
  wide?: boolean;
  children?: Child;
}) {
  return (
    <section class={props.wide ? "part wide" : "part"} aria-labelledby={props.id}>
      <div class="rail">
        <h2 id={props.id}>{props.title}</h2>
        {props.note === undefined ? null : <p class="note">{props.note}</p>}
      </div>
      <div class="content">{props.children}</div>
    </section>
  );
}

/** Text to be copied; the button appears only where the script can make it work. */
export function Copyable(props: { id: string; text: string; block?: boolean; label: string }) {
  return (
    <span class={props.block ? "copyable block" : "copyable"}>
      {props.block ? (
        <pre id={props.id} tabindex={0} role="region" aria-label={props.label}>
          {props.text}
        </pre>
      ) : (
        <code id={props.id}>{props.text}</code>
      )}
      <button type="button" class="small" data-copy={props.id} hidden>
        Copy<span class="unseen"> {props.label}</span>
      </button>
    </span>
  );
}

export function Csrf({ chrome }: { chrome: Chrome }) {
  return <input type="hidden" name="csrf" value={chrome.csrfToken} />;
}
