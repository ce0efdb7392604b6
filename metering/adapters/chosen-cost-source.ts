import type { CostSourceChoice } from "../domain/cost.ts";
import type { Deployment } from "../domain/license.ts";
import type { CostSource } from "../ports.ts";
import {
  type CostExplorerDeps,
  costExplorerSource,
  sellerCostExplorerSource,
} from "./cost-explorer-source.ts";
import { athenaSource } from "./cost-exports/athena-source.ts";
import { dataExportSource } from "./cost-exports/data-export-source.ts";
import type { ExportFiles } from "./cost-exports/export-files.ts";
import { folderFiles } from "./cost-exports/folder-files.ts";
import { s3Files } from "./cost-exports/s3-files.ts";
import { stackByReadRole } from "./read-role.ts";

/**
 * The source that the product chose for what runs in buyers' accounts; what the seller hosts is
 * always read in the seller's own Cost Explorer, by tag.
 */
export function chosenCostSource(deps: CostExplorerDeps, choice: CostSourceChoice): CostSource {
  const buyers = sourceOf(deps, choice);
  const own = sellerCostExplorerSource(deps);
  const of = ({ hosting }: Deployment) => (hosting === "seller" ? own : buyers);
  return {
    describe: (deployment) => of(deployment).describe(deployment),
    read: (request) => of(request.deployment).read(request),
    stack: (deployment) => of(deployment).stack(deployment),
  };
}

function sourceOf(deps: CostExplorerDeps, choice: CostSourceChoice): CostSource {
  const { costTagKey } = deps;
  const stack = stackByReadRole(deps);
  switch (choice.kind) {
    case "cost-explorer":
      return costExplorerSource(deps);
    case "data-export": {
      const client = deps.aws.s3(choice.region ?? deps.sellerRegion);
      const filesFor = ({ accountId }: Deployment): ExportFiles => {
        const location = choice.location.replaceAll("{accountId}", accountId);
        const [, bucket, prefix = ""] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(location) ?? [];
        if (bucket === undefined) return folderFiles(location);
        // Else `111122223333` would hold `1111222233334`, too.
        return s3Files(client, bucket, prefix.replace(/([^/])$/, "$1/"));
      };
      return dataExportSource({ filesFor, costTagKey, stack });
    }
    case "athena":
      return athenaSource({
        client: deps.aws.athena(choice.region),
        table: choice,
        costTagKey,
        stack,
      });
  }
}
