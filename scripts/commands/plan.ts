import { defineCommand } from "citty";
import { licenseIdOf } from "../../metering/domain/license.ts";
import { loadProduct } from "../../product/load-product.ts";
import { changePlan } from "../../registration-site/change-plan.ts";
import type { PlanChange } from "../../registration-site/ports.ts";
import { openStore } from "../usage-import/open-store.ts";

const changeCommand = defineCommand({
  meta: { name: "change", description: "Change a license's plan from the next UTC midnight on" },
  args: {
    LICENSE: { type: "positional", required: true, description: "Its id (l-…) or its ARN" },
    PLAN: { type: "positional", required: true, description: "The plan's id in product.config.ts" },
    config: { type: "string", default: "product.config.ts", valueHint: "FILE", description: "" },
    data: {
      type: "string",
      valueHint: "DIR",
      description: "A data folder of launchmeter start; DynamoDB when left out",
    },
  },
  async run({ args }) {
    const product = await loadProduct(args.config);
    const store = await openStore(args.data, product.seller.meteringRegion);
    try {
      const licenseId = licenseIdOf(args.LICENSE);
      const change = await changePlan({ ...store, product, log: quiet }, { licenseId }, args.PLAN);
      if (change.kind !== "changed") throw new Error(refusalOf(change, args.PLAN));
      console.log(
        `${licenseId}: plan ${JSON.stringify(change.planId)} from ${new Date(change.from).toISOString()} on.`,
      );
    } finally {
      await store.close();
    }
  },
});

export const planCommand = defineCommand({
  meta: { name: "plan", description: "What a license is charged by" },
  subCommands: { change: changeCommand },
});

const quiet = () => undefined;

function refusalOf(change: Exclude<PlanChange, { kind: "changed" }>, planId: string): string {
  switch (change.kind) {
    case "unknown-plan":
      return `The product has no plan ${JSON.stringify(planId)}.`;
    case "ended":
      return "The license has ended, or its agreement has: its plan stays as it is.";
    case "hosted-elsewhere":
      return `The plan ${JSON.stringify(planId)} runs in the ${change.needs}'s account, and the license's deployments don't. End them first.`;
    case "cost-taken":
      return `The plan ${JSON.stringify(planId)} counts cost of account ${change.accountId} that is metered for another deployment already.`;
  }
}
