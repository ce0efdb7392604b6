import { defineCommand } from "citty";
import { licenseIdOf } from "../../metering/domain/license.ts";
import { migrateLicense } from "../../metering/migrate-license.ts";
import { loadProduct } from "../../product/load-product.ts";
import { openStore } from "../usage-import/open-store.ts";

const migrateCommand = defineCommand({
  meta: {
    name: "migrate",
    description: "Meter a license by LicenseArn instead of ProductCode, from an hour on",
  },
  args: {
    LICENSE: { type: "positional", required: true, description: "Its id (l-…) or its ARN" },
    at: {
      type: "string",
      required: true,
      valueHint: "HOUR",
      description: "The first hour by LicenseArn, UTC, such as 2026-12-01T06:00Z",
    },
    config: { type: "string", default: "product.config.ts", valueHint: "FILE", description: "" },
    data: {
      type: "string",
      valueHint: "DIR",
      description: "A data folder of launchmeter start; DynamoDB when left out",
    },
  },
  async run({ args }) {
    const at = Date.parse(args.at);
    if (Number.isNaN(at)) {
      throw new Error(
        `--at is ${JSON.stringify(args.at)}: it has to be an hour such as 2026-12-01T06:00Z.`,
      );
    }
    const product = await loadProduct(args.config);
    const store = await openStore(args.data, product.seller.meteringRegion);
    try {
      const deps = { ...store, dimensions: product.listing.dimensions };
      const migration = await migrateLicense(deps, licenseIdOf(args.LICENSE), at);
      if (migration.kind === "refused") throw new Error(migration.message);
      console.log(
        `${migration.license.licenseId}: ProductCode before ${new Date(at).toISOString()}, LicenseArn from then on.`,
      );
    } finally {
      await store.close();
    }
  },
});

export const licenseCommand = defineCommand({
  meta: { name: "license", description: "How a license is metered" },
  subCommands: { migrate: migrateCommand },
});
