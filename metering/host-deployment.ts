import type { Plan } from "./domain/charges.ts";
import type { Deployment } from "./domain/license.ts";
import type { Clock, Licenses } from "./ports.ts";

export interface HostDeps {
  readonly clock: Clock;
  readonly licenses: Licenses;
  readonly plans: readonly Plan[];
  /** Where the seller runs what buyers of a hosted plan use. */
  readonly seller: {
    readonly accountId: string;
    readonly partition: string;
    readonly region: string;
  };
}

/** Every case is expected; the messages are for the seller's engineer. */
export type Hosted =
  | { readonly kind: "hosted"; readonly deployment: Deployment }
  | { readonly kind: "refused"; readonly message: string };

/** What AWS takes as a tag's value (protocol-facts E2), in one word. */
const TAG_VALUE = /^[\w+=.:/@-]{1,256}$/;

/**
 * Says that the seller runs a deployment for a license: what carries the cost tag with this value
 * in the seller's own account is its cost from now on.
 *
 * The value is the license's id, or begins with it: a cost scope belongs to one license only, and
 * nobody could check that afterwards. Asked again, it changes nothing.
 */
export async function hostDeployment(
  { clock, licenses, plans, seller }: HostDeps,
  { licenseId, tag = licenseId }: { licenseId: string; tag?: string | undefined },
): Promise<Hosted> {
  const license = await licenses.get(licenseId);
  const refused = (message: string): Hosted => ({ kind: "refused", message });
  if (license === undefined) return refused(`There is no license ${licenseId}.`);
  if (license.endedAt !== undefined) {
    return refused(`The license ${licenseId} ended: nothing is metered for it any more.`);
  }
  const plan = plans.find(({ id }) => id === license.plan?.id);
  if (plan?.hosting !== "seller") {
    const picked = plan === undefined ? "no plan yet" : `the plan ${JSON.stringify(plan.id)}`;
    return refused(
      `The license ${licenseId} has ${picked}. Only a plan with hosting: "seller" is hosted by the seller.`,
    );
  }
  const isOwn = tag === licenseId || /^[+=.:/@-]/.test(tag.slice(licenseId.length));
  if (!tag.startsWith(licenseId) || !isOwn || !TAG_VALUE.test(tag)) {
    return refused(
      `The tag's value ${JSON.stringify(tag)} must be ${licenseId}, or begin with it and a sign such as "/" or "-", so that no other license counts the same cost.`,
    );
  }
  const deploymentId = `d-hosted-${tag}`;
  const deployment = await licenses.updateDeployment(licenseId, deploymentId, (current) =>
    current !== undefined && current.state !== "ended"
      ? current
      : {
          deploymentId,
          licenseId,
          ...seller,
          // No stack, no role: both belong to launch stacks.
          stackId: `hosted/${tag}`,
          templateVersion: "hosted",
          readRoleArn: "",
          externalIds: [],
          state: "active",
          registeredAt: current?.registeredAt ?? clock.now(),
          hosting: "seller",
          costTag: tag,
        },
  );
  if (deployment === undefined) throw new Error(`the deployment ${deploymentId} was not stored`);
  return { kind: "hosted", deployment };
}

/** The seller has taken it down; its cost until now still counts. Asked again, nothing changes. */
export async function endHosting(
  { clock, licenses }: Pick<HostDeps, "clock" | "licenses">,
  { licenseId, tag = licenseId }: { licenseId: string; tag?: string | undefined },
): Promise<Hosted> {
  const deploymentId = `d-hosted-${tag}`;
  const ended = await licenses.updateDeployment(licenseId, deploymentId, (current) =>
    current === undefined || current.state === "ended"
      ? current
      : { ...current, state: "ended", endedAt: clock.now() },
  );
  if (ended === undefined) {
    const message = `The license ${licenseId} has no hosted deployment with the tag ${tag}.`;
    return { kind: "refused", message };
  }
  return { kind: "hosted", deployment: ended };
}
