import { describe, expect, it } from "vitest";
import {
  costExplorerSource,
  sellerCostExplorerSource,
} from "../../metering/adapters/cost-explorer-source.ts";
import { aDeployment, at, BUYER } from "./fixtures.ts";
import { EXTERNAL_ID, focusFile, SELLER, STACK_GUID, TAG_KEY, wireWorld } from "./wire-world.ts";

const START = at("2026-03-02T00:10:00Z");
const FROM_TO = { from: "2026-03-02", to: "2026-03-05" };
const BY_TAG = { metric: "BilledCost", scope: "tag", ...FROM_TO } as const;

async function aWorld(lines: Parameters<typeof focusFile>[0], account = BUYER) {
  const world = await wireWorld(START);
  await world.control.addCostSource({ file: focusFile(lines), accountId: account });
  const license = await world.subscribe();
  const deployment = await world.launch(license.licenseId);
  world.clock.advanceTo(at("2026-03-20T00:00:00Z"));
  return { ...world, deployment };
}

const untagged = { day: "2026-03-02", usd: "10" };

describe("the session in the read role", () => {
  it("says license and deployment where the role allows it, so that CloudTrail shows them", async () => {
    const { control, source, deployment } = await aWorld([untagged]);
    const asked = {
      "sts:ExternalId": EXTERNAL_ID,
      "aws:RequestTag/launchmeter:license": deployment.licenseId,
      "aws:RequestTag/launchmeter:deployment": deployment.deploymentId,
    };
    const Principal = { AWS: `arn:aws:iam::${SELLER}:root` };
    const readRoleArn = await control.createRole({
      accountId: BUYER,
      name: "OnlyNamedSessions",
      trustPolicy: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal,
            Action: "sts:AssumeRole",
            Condition: { StringEquals: asked },
          },
          { Effect: "Allow", Principal, Action: "sts:TagSession" },
        ],
      },
      policies: {
        read: { Statement: [{ Effect: "Allow", Action: "ce:GetCostAndUsage", Resource: "*" }] },
      },
    });

    const reading = await source.read({
      ...BY_TAG,
      scope: "account",
      deployment: { ...deployment, readRoleArn },
    });

    expect(reading.kind).toBe("read");
  });

  it("goes without them in a stack whose template doesn't allow tags yet", async () => {
    const { source, deployment } = await aWorld([untagged]);

    expect((await source.read({ ...BY_TAG, deployment })).kind).toBe("read");
  });
});

describe("a cost tag that shows nothing", () => {
  it("is not activated when the account has cost: the payer is told what to do", async () => {
    const { source, deployment } = await aWorld([untagged]);
    const reading = await source.read({ ...BY_TAG, deployment, costIsOverdue: true });

    expect(reading).toMatchObject({ kind: "unreadable", reason: "tag-inactive", requests: 2 });
    const { message } = reading as { message: string };
    for (const part of [TAG_KEY, BUYER, "Activate", "24 hours", "--backfill-from 2026-03-01T"]) {
      expect(message).toContain(part);
    }
  });

  it("is left alone while it may still be on its way", async () => {
    const { source, deployment } = await aWorld([untagged]);
    const reading = await source.read({ ...BY_TAG, deployment, costIsOverdue: false });

    expect(reading).toMatchObject({ kind: "read", requests: 1 });
  });

  it("is in use when another deployment's cost carries it: this one costs nothing", async () => {
    const { source, deployment } = await aWorld([{ ...untagged, tagged: true }]);
    const other = { ...deployment, stackId: "arn:aws:cloudformation:::stack/product/other" };
    const reading = await source.read({ ...BY_TAG, deployment: other, costIsOverdue: true });

    expect(reading).toMatchObject({ kind: "read", tagIsActive: true, requests: 2 });
  });

  it("says nothing in an account without cost", async () => {
    const { source, deployment } = await aWorld([{ ...untagged, day: "2026-03-12" }]);
    const reading = await source.read({ ...BY_TAG, deployment, costIsOverdue: true });

    expect(reading).toMatchObject({ kind: "read", tagIsActive: false });
  });
});

describe("Cost Explorer under load", () => {
  it("is asked again with a pause when it throttles, and the reading comes whole", async () => {
    const { control, source, deployment } = await aWorld([untagged]);
    await control.addFault({
      service: "ce",
      action: "GetCostAndUsage",
      kind: "throttle",
      count: 2,
    });

    const reading = await source.read({ ...BY_TAG, deployment });

    expect(reading).toMatchObject({ kind: "read", requests: 1 });
  });
});

describe("what the seller hosts", () => {
  const hosted = aDeployment({
    accountId: SELLER,
    hosting: "seller",
    costTag: STACK_GUID,
    readRoleArn: "",
    externalIds: [],
  });

  it("is read in the seller's own account, by tag, without any role", async () => {
    const world = await aWorld([untagged, { ...untagged, usd: "0.70", tagged: true }], SELLER);
    const source = sellerCostExplorerSource({
      aws: world.aws,
      sellerRegion: "us-east-1",
      costTagKey: TAG_KEY,
    });
    const reading = await source.read({ ...BY_TAG, deployment: hosted });

    expect(reading).toMatchObject({
      kind: "read",
      days: { "2026-03-02": { usd: { Usage: "0.7" } }, "2026-03-03": { usd: {} } },
    });
    const calls = await world.control.requests();
    expect(calls.filter(({ action }) => action === "AssumeRole")).toEqual([]);
  });

  it("is never counted by the whole account, which is everybody's", async () => {
    const world = await aWorld([untagged], SELLER);
    const deps = { aws: world.aws, sellerRegion: "us-east-1", costTagKey: TAG_KEY };
    const source = sellerCostExplorerSource(deps);

    await expect(source.read({ ...BY_TAG, scope: "account", deployment: hosted })).rejects.toThrow(
      "by tag, never by account",
    );
  });

  it("is paid for by the seller, as the buyer's is by the buyer", async () => {
    const deps = { aws: {} as never, sellerRegion: "us-east-1", costTagKey: TAG_KEY };
    const facts = { usdPerRequest: "0.01", kind: "cost-explorer", lagHours: 24 };

    const seller = sellerCostExplorerSource(deps).describe(hosted);
    const buyer = costExplorerSource(deps).describe(aDeployment());

    expect(seller).toMatchObject({ ...facts, paidBy: "seller" });
    expect(buyer).toMatchObject({ ...facts, paidBy: "buyer" });
  });
});
