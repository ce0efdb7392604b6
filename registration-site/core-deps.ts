import type { Clock, Licenses } from "../metering/ports.ts";
import type { Product } from "../product/definition.ts";
import type { StsRequest } from "./domain/account-proof.ts";
import type { CallerIdentity } from "./domain/caller-identity.ts";
import type { MeteringForSite } from "./ports.ts";
import type { Contacts, SiteStore } from "./site-store.ts";

/** Everything that the site's use cases need from outside. */
export interface CoreDeps {
  readonly clock: Clock;
  readonly licenses: Licenses;
  readonly siteStore: SiteStore;
  readonly contacts: Contacts;
  readonly marketplace: MarketplaceResolver;
  readonly identity: IdentityVerifier;
  readonly metering: MeteringForSite;
  readonly product: Product;
  /** The site's origin, as baked into the template: proofs for another audience are refused. */
  readonly audience: string;
  readonly randomBytes: (length: number) => Uint8Array;
  /** How long a buyer stays signed in; 12 hours when left out. */
  readonly sessionMs?: number;
  readonly log: CoreLog;
}

/** One structured line. Never given a token, a code, a proof or an address. */
export type CoreLog = (
  level: "info" | "error",
  message: string,
  fields?: Readonly<Record<string, string | number>>,
) => void;

/** ResolveCustomer. Never throws for what AWS may answer, never keeps the token. */
export interface MarketplaceResolver {
  resolve(registrationToken: string): Promise<
    | {
        readonly kind: "resolved";
        readonly licenseArn: string;
        readonly productCode: string;
        readonly buyerAccountId: string;
      }
    | { readonly kind: "expired-token" }
    | { readonly kind: "invalid-token" }
    | { readonly kind: "unavailable" }
  >;
}

/** Asks AWS whose signature it is. */
export interface IdentityVerifier {
  /** Whether an STS endpoint is known there; asked before anything is built from the region. */
  isRegion(region: string): boolean;
  verify(
    request: StsRequest,
  ): Promise<
    | { readonly kind: "attested"; readonly identity: CallerIdentity }
    | { readonly kind: "refused"; readonly code: string }
    | { readonly kind: "unreachable"; readonly reason: string }
  >;
}
