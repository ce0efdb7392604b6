import { readFile, writeFile } from "node:fs/promises";
import { defineCommand } from "citty";
import { loadProduct } from "../../product/load-product.ts";
import { launchFindings } from "../../template-src/publish/launch-rules.ts";
import type { SynthesizedTemplate } from "../../template-src/publish/synthesize.ts";
import {
  EXAMPLE_SITE,
  findingLines,
  GOLDEN_FILE,
  templateArgs,
  templateFor,
} from "./template-args.ts";

export const synthCommand = defineCommand({
  meta: {
    name: "synth",
    description: "Make the CloudFormation template that lands in a buyer's account",
  },
  args: {
    ...templateArgs,
    out: { type: "string", valueHint: "FILE", description: "Where to write the template" },
    check: {
      type: "boolean",
      description:
        "Synthesize twice, compare the bytes, compare them with the golden file, apply the launch rules",
    },
    "update-golden": {
      type: "boolean",
      description: "Renew the golden file, after reading what changed in it",
    },
  },
  async run({ args }) {
    const product = await loadProduct(args.config);
    const synthesize = () => templateFor(product, args.site);
    const template = synthesize();
    if (args["update-golden"]) await writeFile(GOLDEN_FILE, template.json);
    if (args.check) await check(template, synthesize(), args.site === EXAMPLE_SITE);
    if (args.out !== undefined) await writeFile(args.out, template.json);
    console.log(
      `${product.title} ${template.version} for ${args.site}\n` +
        `  ${template.bytes} bytes, ${template.resources} resources\n` +
        `  sha256 ${template.sha256}` +
        (args.out === undefined ? "" : `\n  written to ${args.out}`),
    );
  },
});

async function check(
  first: SynthesizedTemplate,
  second: SynthesizedTemplate,
  compareWithGolden: boolean,
): Promise<void> {
  const problems = findingLines(launchFindings(first.json));
  if (first.json !== second.json) problems.push("Two runs gave different bytes.");
  if (compareWithGolden) {
    const golden = await readFile(GOLDEN_FILE, "utf8").catch(() => undefined);
    // Only a checkout has it; an installed package checks the seller's own product.
    if (golden !== undefined && golden !== first.json) {
      problems.push(
        "The template differs from tests/template-src/launch-stack.golden.json. If that is meant, raise launchStack.version and run: npx launchmeter synth --update-golden",
      );
    }
  }
  if (problems.length > 0) throw new Error(problems.join("\n"));
}
