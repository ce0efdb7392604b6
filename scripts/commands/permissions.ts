import { defineCommand } from "citty";
import { readFile } from "node:fs/promises";
import { loadProduct } from "../../product/load-product.ts";
import { CALLBACK_PATH } from "../../template-src/contract.ts";
import {
  permissionManifest,
  permissionMarkdown,
} from "../../template-src/publish/permission-manifest.ts";
import { synthesizeLaunchStack } from "../../template-src/publish/synthesize.ts";
import { templateArgs } from "./template-args.ts";

export const permissionsCommand = defineCommand({
  meta: {
    name: "permissions",
    description: "List everything the launch stack creates and allows, and why",
  },
  args: {
    ...templateArgs,
    template: {
      type: "string",
      valueHint: "FILE",
      description: "A published template, in place of a fresh one",
    },
    format: {
      type: "enum",
      options: ["markdown", "json"],
      default: "markdown",
      description: "markdown for a page, json for a program",
    },
  },
  async run({ args }) {
    const json =
      args.template === undefined
        ? synthesizeLaunchStack({
            product: await loadProduct(args.config),
            callbackUrl: new URL(CALLBACK_PATH, args.site).href,
            audience: new URL(args.site).origin,
          }).json
        : await readFile(args.template, "utf8");
    const manifest = permissionManifest(json);
    console.log(
      args.format === "json" ? JSON.stringify(manifest, null, 2) : permissionMarkdown(manifest),
    );
  },
});
