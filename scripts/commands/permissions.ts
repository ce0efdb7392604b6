import { defineCommand } from "citty";
import { loadProduct } from "../../product/load-product.ts";
import {
  permissionManifest,
  permissionMarkdown,
} from "../../template-src/publish/permission-manifest.ts";
import { readTemplate, templateArgs, templateFor } from "./template-args.ts";

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
        ? templateFor(await loadProduct(args.config), args.site).json
        : await readTemplate(args.template);
    const manifest = permissionManifest(json);
    console.log(
      args.format === "json" ? JSON.stringify(manifest, null, 2) : permissionMarkdown(manifest),
    );
  },
});
