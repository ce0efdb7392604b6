import { defineCommand } from "citty";
import { writeFile } from "node:fs/promises";
import { licenseIdOf } from "../../metering/domain/license.ts";
import { explainMonth, statementMonths } from "../../metering/explain-month.ts";
import { loadProduct } from "../../product/load-product.ts";
import { statementIn } from "../statement-files/print-statement.ts";
import { explainDeps } from "../statement-files/explain-deps.ts";
import { verifyFile } from "../statement-files/verify-file.ts";
import { openStore } from "../usage-import/open-store.ts";

export const statementCommand = defineCommand({
  meta: {
    name: "statement",
    description:
      "Explain a license's month; `statement verify FILE` recomputes a statement's JSON from its own figures",
  },
  args: {
    LICENSE: {
      type: "positional",
      required: true,
      description: "Its id (l-…) or its ARN; or the word verify",
    },
    MONTH: {
      type: "positional",
      required: true,
      description: "Such as 2026-11; after verify, the file (- for standard input)",
    },
    format: {
      type: "enum",
      options: ["text", "json", "csv", "html"],
      default: "text",
      description: "How it is written",
    },
    out: {
      type: "string",
      valueHint: "FILE",
      description: "Where to; standard output if left out",
    },
    config: { type: "string", default: "product.config.ts", valueHint: "FILE", description: "" },
    data: {
      type: "string",
      valueHint: "DIR",
      description: "A data folder of launchmeter start; DynamoDB when left out",
    },
  },
  async run({ args }) {
    if (args.LICENSE === "verify") {
      const verdict = await verifyFile(args.MONTH, process.stdin);
      if (verdict.kind === "no-statement") {
        console.error(verdict.message);
        process.exitCode = 2;
      } else {
        console.log(verdict.message);
        if (verdict.kind === "differs") process.exitCode = 1;
      }
      return;
    }
    const licenseId = licenseIdOf(args.LICENSE);
    const product = await loadProduct(args.config);
    const store = await openStore(args.data, product.seller.meteringRegion);
    try {
      const deps = await explainDeps(store, product.listing.productCode);
      const statement = await explainMonth(deps, licenseId, args.MONTH);
      if (statement === undefined) {
        const months = await statementMonths(deps, licenseId);
        throw new Error(
          months.length === 0
            ? `Nothing was ever owed by ${licenseId}: it is not known here, not active, or has no plan.`
            : `There is no statement of ${args.MONTH}. There are ${months.join(", ")}.`,
        );
      }
      const text = await statementIn(args.format, statement, product);
      if (args.out === undefined) process.stdout.write(text);
      else await writeFile(args.out, text);
    } finally {
      await store.close();
    }
  },
});
