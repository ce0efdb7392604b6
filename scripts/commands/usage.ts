import { defineCommand } from "citty";
import { metersOf } from "../../metering/domain/usage-admission.ts";
import { loadProduct } from "../../product/load-product.ts";
import {
  importUsage,
  type ImportSummary,
  licenseOf,
  readOnly,
} from "../usage-import/import-usage.ts";
import { openStore } from "../usage-import/open-store.ts";
import { openInput, readLines } from "../usage-import/read-lines.ts";

const importCommand = defineCommand({
  meta: {
    name: "import",
    description: "Record usage from a file: CSV with a header, or one CloudEvent as JSON a line",
  },
  args: {
    FILE: { type: "positional", required: true, description: "The file; - for standard input" },
    license: {
      type: "string",
      valueHint: "ID",
      description: "Whose usage it is (l-… or its ARN), where a line names no license",
    },
    "dry-run": { type: "boolean", description: "Judge every line, but record nothing" },
    json: { type: "boolean", description: "Print the summary as one JSON object" },
    config: { type: "string", default: "product.config.ts", valueHint: "FILE", description: "" },
    data: {
      type: "string",
      valueHint: "DIR",
      description: "A data folder of launchmeter start; DynamoDB when left out",
    },
  },
  async run({ args }) {
    const licenseId = licenseOf(args.license);
    if (args.license !== undefined && licenseId === undefined) {
      throw new Error(
        `--license is ${JSON.stringify(args.license)}: it has to be a license's id (l-…) or its ARN.`,
      );
    }
    const product = await loadProduct(args.config);
    const input = await openInput(args.FILE, process.stdin);
    const store = await openStore(args.data, product.seller.meteringRegion);
    const progress = progressOn(process.stderr);
    let recorded: ImportSummary | undefined;
    try {
      const deps = {
        ...store,
        usageStore: args["dry-run"] === true ? readOnly(store.usageStore) : store.usageStore,
        meters: metersOf(product.plans),
        problem: (line: number, kind: string, message: string) =>
          process.stderr.write(`line ${line}: ${kind}: ${message}\n`),
        progress: (summary: ImportSummary) => {
          recorded = summary;
          progress(summary);
        },
      };
      const summary = await importUsage(deps, readLines(input), { licenseId });
      console.log(args.json === true ? JSON.stringify(summary) : inWords(summary));
      if (Object.keys(summary.refused).length > 0) process.exitCode = 1;
    } catch (error) {
      const after = recorded === undefined ? "" : ` after ${inWords(recorded)}`;
      throw new Error(
        `The import stopped${after}: ${(error as Error).message} Run the same command again: what is recorded is not recorded twice.`,
        { cause: error },
      );
    } finally {
      await store.close();
    }
  },
});

export const usageCommand = defineCommand({
  meta: { name: "usage", description: "Product usage that deployments did not send themselves" },
  subCommands: { import: importCommand },
});

function inWords({ lines, accepted, duplicate, refused }: ImportSummary): string {
  const others = Object.entries(refused).map(([kind, number]) => `${number} ${kind}`);
  return [`${lines} lines`, `${accepted} accepted`, `${duplicate} duplicate`, ...others].join(", ");
}

const SAY_EVERY = 10_000;

/** A line for every ten thousand: enough to see that it moves. */
function progressOn(stream: NodeJS.WritableStream): (summary: ImportSummary) => void {
  let said = 0;
  return (summary) => {
    const due = Math.floor(summary.lines / SAY_EVERY);
    if (due === said) return;
    said = due;
    stream.write(`${inWords(summary)}\n`);
  };
}
