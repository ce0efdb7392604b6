import type { Deployment, License } from "../../metering/domain/license.ts";
import { DAY } from "./oracle/spans.ts";
import type { DeploymentStory, LicenseStory } from "./story-licenses.ts";
import { PRODUCT, type World } from "./world.ts";

/** What happens by itself, whatever the workers do. */
export interface Happening {
  readonly at: number;
  readonly happen: (world: World) => Promise<void>;
}

export function firstLicense(story: LicenseStory): License {
  return {
    licenseArn: story.arn,
    licenseId: story.id,
    productCode: PRODUCT,
    buyerAccountId: story.buyer,
    offerId: story.offerId,
    meteringRegion: "us-east-1",
    activatedAt: story.activatedAt,
    plan: { id: story.planId, since: story.activatedAt },
    ...(story.legacy === undefined ? {} : { legacy: {} }),
  };
}

export function eventsOf(story: LicenseStory): Happening[] {
  const change = (world: World, to: (license: License) => License) =>
    world.licenses.update(story.id, (known) => known && to(known)).then(() => undefined);
  const { end } = story;
  return [
    ...story.planChanges.map(({ at, planId }) => ({
      at,
      happen: (world: World) => change(world, (license) => withPlanFrom(license, planId, at)),
    })),
    ...story.deployments.flatMap((deployment) => deploymentEvents(story, deployment)),
    ...(end === undefined
      ? []
      : [
          {
            at: end.endingHeardAt,
            happen: (world: World) => change(world, (known) => ending(known, end.endingAt)),
          },
          {
            at: end.endedAt,
            happen: async ({ aws }: World) => {
              const license = aws.licenses[story.arn];
              if (license !== undefined) license.endedAt = end.endedAt;
            },
          },
          {
            at: end.endedHeardAt,
            happen: (world: World) =>
              change(world, (known) => ({
                ...ending(known, end.endedAt),
                endedAt: end.endedAt,
              })),
          },
        ]),
  ];
}

function ending(license: License, at: number): License {
  return { ...license, endingAt: Math.min(license.endingAt ?? Infinity, at) };
}

/** Another plan from the next midnight on; one that didn't begin yet gives way. */
function withPlanFrom(license: License, planId: string, at: number): License {
  const { plan, earlierPlans = [] } = license;
  const midnight = (Math.floor(at / DAY) + 1) * DAY;
  if (plan === undefined || plan.since >= midnight) return license;
  const left = { id: plan.id, since: plan.since, until: midnight };
  return {
    ...license,
    plan: { id: planId, since: midnight },
    earlierPlans: [...earlierPlans, left],
  };
}

function deploymentEvents(story: LicenseStory, of: DeploymentStory): Happening[] {
  const { id, registeredAt, deletedAt } = of;
  const registered = {
    at: registeredAt,
    happen: async (world: World) => {
      await world.licenses.updateDeployment(story.id, id, () => deployed(story, of));
    },
  };
  if (deletedAt === undefined) return [registered];
  const deleted = {
    at: deletedAt,
    happen: async (world: World) => {
      await world.onDelete(id, story.id);
      await world.licenses.updateDeployment(
        story.id,
        id,
        (known) => known && { ...known, state: "ended", endedAt: deletedAt },
      );
    },
  };
  return [registered, deleted];
}

function deployed(
  story: LicenseStory,
  { id, accountId, registeredAt }: DeploymentStory,
): Deployment {
  return {
    deploymentId: id,
    licenseId: story.id,
    accountId,
    partition: "aws",
    region: "eu-west-1",
    stackId: `arn:aws:cloudformation:eu-west-1:${accountId}:stack/product/${id}`,
    templateVersion: "1.0.0",
    readRoleArn: `arn:aws:iam::${accountId}:role/read`,
    externalIds: ["external"],
    state: "active",
    registeredAt,
  };
}
