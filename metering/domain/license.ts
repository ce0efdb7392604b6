/** Epoch milliseconds, UTC. */
export type Instant = number;

/**
 * The billing identity: one agreement's license. One buyer account may hold several
 * (protocol-facts A4), so the account is an attribute, never the key.
 */
export interface License {
  /** As AWS sends it, `arn:aws:license-manager::294406891311:license:l-<32 hex>`. */
  readonly licenseArn: string;
  /** The `l-…` part. Documents and events disagree on the rest of the ARN, so this is the key. */
  readonly licenseId: string;
  readonly productCode: string;
  /** The account that subscribed. Comes from AWS only, never from a form. */
  readonly buyerAccountId: string;
  readonly agreementId?: string | undefined;
  readonly offerId?: string | undefined;
  /**
   * The plan the buyer picked last and since when it counts; a change counts from the next UTC
   * midnight, so it may lie ahead. `termsOf` (terms.ts) says what counts when.
   */
  readonly plan?:
    | {
        readonly id: string;
        readonly since: Instant;
        /** A deployment was registered for it: another one takes its place at a midnight only. */
        readonly fixed?: boolean | undefined;
      }
    | undefined;
  /** The plans before it, oldest first, each until the next one's beginning. */
  readonly earlierPlans?:
    | readonly { readonly id: string; readonly since: Instant; readonly until: Instant }[]
    | undefined;
  /** De-duplication at AWS is per region: a license is metered from one region for life. */
  readonly meteringRegion: string;
  /** `time` of the first License Updated. Nothing is metered without it. */
  readonly activatedAt?: Instant | undefined;
  /** `time` of the first of Agreement Ended / License Deprovisioned: starts the final run. */
  readonly endingAt?: Instant | undefined;
  /** `time` of License Deprovisioned: metering stops. */
  readonly endedAt?: Instant | undefined;
  /** Metered by product code until an hour; absent for every license that never was. */
  readonly legacy?: LegacyMetering | undefined;
  /** What AWS Marketplace said so far; the three instants above follow from it. */
  readonly lifecycle?: LicenseLifecycle | undefined;
}

/** How a license from before Concurrent Agreements is metered (protocol-facts A4). */
export interface LegacyMetering {
  /** The start of the first hour that is metered by LicenseArn; absent while none is chosen. */
  readonly until?: Instant | undefined;
  /** What ResolveCustomer once gave for the buyer; without it the account names them. */
  readonly customerIdentifier?: string | undefined;
}

/** Facts that only grow, so that events in any order and number come to the same license. */
export interface LicenseLifecycle {
  /** `time` of License Updated, by agreement. */
  readonly updates: Readonly<
    Record<
      string,
      {
        readonly first: Instant;
        readonly newest: Instant;
        /** The one that was seen last. */
        readonly offerId?: string | undefined;
        /** When each of the agreement's offers was first seen. */
        readonly offers?: Readonly<Record<string, Instant>> | undefined;
      }
    >
  >;
  /** `time` of Agreement Ended, by agreement; renewals and replacements are not in it. */
  readonly agreementEnds: Readonly<Record<string, Instant>>;
  /** `time` of License Deprovisioned. */
  readonly deprovisionedAt?: Instant | undefined;
}

/** One launch stack registered for one license; or what the seller runs for it. */
export interface Deployment {
  /** Derived from the StackId, so that a repeated callback finds the same deployment. */
  readonly deploymentId: string;
  readonly licenseId: string;
  /** Attested by AWS (proof of account), never claimed. */
  readonly accountId: string;
  readonly partition: string;
  readonly region: string;
  readonly stackId: string;
  readonly templateVersion: string;
  readonly size?: string | undefined;
  readonly readRoleArn: string;
  /** Made by us; the first is the one in use, a second one exists while rotating. */
  readonly externalIds: readonly string[];
  readonly state: "awaiting-confirmation" | "active" | "ended";
  readonly registeredAt: Instant;
  /** When a Delete was proven. Proves the account, not the deletion: reading goes on until … */
  readonly endedAt?: Instant | undefined;
  /** … the role refuses or the stack is seen gone. Ends the use, not the license. */
  readonly goneAt?: Instant | undefined;
  /** The stack was seen alive after a Delete was proven: its use went on until then. */
  readonly aliveAt?: Instant | undefined;
  /**
   * Whose account it runs in; the buyer's when left out. The seller's has no role to assume, and
   * only what carries the deployment's cost tag there is its cost.
   */
  readonly hosting?: "buyer" | "seller" | undefined;
  /** Value of its cost tag; the stack's own GUID when left out. */
  readonly costTag?: string | undefined;
}

/** What the cost-allocation tag says on everything that belongs to the deployment. */
export function costTagOf({ costTag, stackId }: Deployment): string {
  return costTag ?? stackId.split("/").at(-1) ?? "";
}

/**
 * Ends the use of a deployment whose Delete was proven, at the last moment at which its stack is
 * known to have been there. The same object if there is nothing to end.
 */
export function withUseEnded(deployment: Deployment): Deployment {
  const { aliveAt, endedAt, goneAt } = deployment;
  return endedAt === undefined || goneAt !== undefined
    ? deployment
    : { ...deployment, goneAt: aliveAt ?? endedAt };
}

const LICENSE_ID = /(?:^|[:/])(l-[0-9a-f]{8,64})$/;

/** The `l-…` id inside any form of license ARN that AWS has been seen to send. */
export function licenseIdOf(licenseArn: string): string {
  const id = LICENSE_ID.exec(licenseArn)?.[1];
  if (id === undefined) throw new RangeError(`not a license ARN: ${JSON.stringify(licenseArn)}`);
  return id;
}
