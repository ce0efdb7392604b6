import { defineCommand } from "citty";
import { licenseIdOf } from "../../metering/domain/license.ts";
import { endHosting, hostDeployment } from "../../metering/host-deployment.ts";
import { loadProduct } from "../../product/load-product.ts";
import { partitionOf } from "../../product/regions.ts";
import { COST_TAG_KEY } from "../../template-src/contract.ts";
import { openStore } from "../usage-import/open-store.ts";

export const hostCommand = defineCommand({
  meta: {
    name: "host",
    description: "Count what carries a tag in the seller's own account for a license",
  },
  args: {
    LICENSE: { type: "positional", required: true, description: "Its id (l-…) or its ARN" },
    tag: {
      type: "string",
      valueHint: "VALUE",
      description: "The cost tag's value: the license's id, or that and a suffix such as /eu",
    },
    end: { type: "boolean", default: false, description: "It was taken down: count no more of it" },
    config: { type: "string", default: "product.config.ts", valueHint: "FILE", description: "" },
    data: {
      type: "string",
      valueHint: "DIR",
      description: "A data folder of launchmeter start; DynamoDB when left out",
    },
  },
  async run({ args }) {
    const { plans, seller } = await loadProduct(args.config);
    const { accountId, meteringRegion: region } = seller;
    const place = { accountId, region, partition: partitionOf(region) ?? "aws" };
    const store = await openStore(args.data, region);
    try {
      const asked = { licenseId: licenseIdOf(args.LICENSE), tag: args.tag };
      const hosted = args.end
        ? await endHosting(store, asked)
        : await hostDeployment({ ...store, plans, seller: place }, asked);
      if (hosted.kind === "refused") throw new Error(hosted.message);
      const { licenseId, costTag, registeredAt, endedAt } = hosted.deployment;
      const time =
        endedAt === undefined
          ? `from ${new Date(registeredAt).toISOString()} on`
          : `until ${new Date(endedAt).toISOString()}`;
      console.log(
        `${licenseId}: what carries ${COST_TAG_KEY} = ${costTag} in account ${hosted.deployment.accountId} counts ${time}.`,
      );
    } finally {
      await store.close();
    }
  },
});
