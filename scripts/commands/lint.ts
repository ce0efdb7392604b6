import { defineCommand } from "citty";
import { loadProduct } from "../../product/load-product.ts";
import { lintTemplate } from "../../template-src/publish/lint.ts";
import { findingLines, readTemplate, templateArgs, templateFor } from "./template-args.ts";

export const lintCommand = defineCommand({
  meta: {
    name: "lint",
    description: "Check the launch template with cfn-lint and with the rules of this project",
  },
  args: {
    ...templateArgs,
    template: {
      type: "string",
      valueHint: "FILE",
      description: "A template to check, in place of a fresh one",
    },
    require: {
      type: "enum",
      options: ["cfn-lint"],
      description: "Fail when the real cfn-lint can't be found",
    },
    "allow-download": {
      type: "boolean",
      description: "Let uvx or pipx download cfn-lint",
    },
  },
  async run({ args }) {
    const product = await loadProduct(args.config);
    const json =
      args.template === undefined
        ? templateFor(product, args.site).json
        : await readTemplate(args.template);
    const report = await lintTemplate({
      json,
      regions: product.launchStack.regions,
      environment: process.env,
      allowDownload: args["allow-download"] ?? false,
      requireCfnLint: args.require === "cfn-lint",
    });
    console.log(`Checked with ${report.engines.join(" and ")}.`);
    if (report.caveat !== undefined) console.log(report.caveat);
    if (report.findings.length > 0) throw new Error(findingLines(report.findings).join("\n"));
    console.log("Nothing found.");
  },
});
