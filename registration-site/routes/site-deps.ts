import type { Context } from "hono";
import type { Clock } from "../../metering/ports.ts";
import type { Product } from "../../product/definition.ts";
import type { InstallCode, PublishedTemplate, Session, SiteUseCases } from "../ports.ts";
import type { UsageUseCases } from "../usage-use-cases.ts";

/** Everything the site needs from outside; the composition root fills all of it. */
export interface SiteDeps {
  readonly useCases: SiteUseCases;
  /** Left out where no usage is taken. */
  readonly usage?: UsageUseCases;
  readonly product: Product;
  /** Asked at every request: a newer version may be published while the site runs. */
  readonly template: () => PublishedTemplate;
  /** The console's quick-create page with the code and its external IDs filled in. */
  readonly launchUrl: (input: { region: string; size: string; code: InstallCode }) => string;
  /** Where buyers reach the site, e.g. `https://app.example.com`; https in production. */
  readonly origin: string;
  /** Where a buyer finds *Set up your account*: the AWS console, or the sandbox's page of subscriptions. */
  readonly marketplaceUrl: string;
  readonly clock: Clock;
  /** False only for plain http on localhost: browsers refuse `__Host-` cookies there. */
  readonly secureCookies: boolean;
  readonly log: SiteLog;
}

/** One structured line. Fields never hold a token, a code or anything a visitor typed. */
export type SiteLog = (
  level: "info" | "error",
  message: string,
  fields?: Readonly<Record<string, string | number>>,
) => void;

/** What the middleware leaves for the routes. */
export interface SiteEnv {
  Variables: {
    session: Session | undefined;
    /** Read once, by the guard that checked where the form came from. */
    form: URLSearchParams;
  };
}

export type SiteContext = Context<SiteEnv>;

/** Routes behind `requireSession` only. */
export function sessionOf(c: SiteContext): Session {
  const session = c.get("session");
  if (session === undefined) throw new Error(`${c.req.path} was reached without a session`);
  return session;
}
