import { defineCommand } from "citty";
import { hourOf, monthPeriod, type Period } from "../../metering/domain/calendar.ts";
import { licenseIdOf } from "../../metering/domain/license.ts";
import { TRAIL_DAYS_MS } from "../../metering/domain/observation.ts";
import { reconcile } from "../../metering/reconcile.ts";
import { resolveInDoubt } from "../../metering/resolve-in-doubt.ts";
import { loadProduct } from "../../product/load-product.ts";
import type { Product } from "../../product/definition.ts";
import { approveFile, writeAdjustments } from "../local/adjustment-files.ts";
import { type Books, openBooks } from "../local/open-books.ts";
import { readProof } from "../local/read-proof.ts";
import {
  differenceJson,
  differenceWords,
  summaryJson,
  summaryWords,
} from "../local/reconcile-words.ts";

export const reconcileCommand = defineCommand({
  meta: {
    name: "reconcile",
    description: "Compare the ledger with CloudTrail and the seller's reports; 1 on any difference",
  },
  args: {
    month: { type: "string", valueHint: "YYYY-MM", description: "Default: the last 90 days" },
    license: { type: "string", valueHint: "ID", description: "One license only (l-… or its ARN)" },
    report: {
      type: "string",
      valueHint: "FILE",
      description: "A usage or billed-revenue report, CSV; may be repeated",
    },
    cloudtrail: {
      type: "string",
      valueHint: "PATH",
      description: "Exported log file or folder, instead of the event history; may be repeated",
    },
    offline: { type: "boolean", description: "Compare with files alone; read no event history" },
    resolve: { type: "boolean", description: "Write down what proves records in doubt" },
    adjust: {
      type: "string",
      valueHint: "FILE",
      description: "Prepare billing adjustments for what was billed and isn't owed; sends nothing",
    },
    approve: {
      type: "string",
      valueHint: "FILE",
      description: "Send the adjustments in this file, each once, and print their state",
    },
    record: { type: "string", valueHint: "N", description: "Resolve this record by hand, with …" },
    dimension: { type: "string", valueHint: "NAME", description: "… its dimension and --license," },
    billed: {
      type: "string",
      valueHint: "UNITS",
      description: "… the units that AWS billed of it,",
    },
    source: { type: "string", valueHint: "TEXT", description: "… and how that is known" },
    json: { type: "boolean", description: "Print one JSON object" },
    config: { type: "string", default: "product.config.ts", valueHint: "FILE", description: "" },
    data: {
      type: "string",
      valueHint: "DIR",
      description: "A data folder of launchmeter start; DynamoDB and AWS when left out",
    },
  },
  async run({ args, rawArgs }) {
    try {
      const asked = {
        ...args,
        reports: all(rawArgs, "report"),
        trails: all(rawArgs, "cloudtrail"),
      };
      const product = await loadProduct(args.config);
      const byHand = args.record === undefined ? undefined : handFinding(args);
      const books = await openBooks(args.data, product);
      try {
        process.exitCode = (await done()) ? 0 : 1;

        async function done(): Promise<boolean> {
          if (byHand !== undefined) return resolveByHand(books, byHand);
          if (args.approve === undefined) return compare(books, product, asked);
          const { lines, isAllTaken } = await approveFile(books, args.approve);
          for (const line of lines) console.log(line);
          return isAllTaken;
        }
      } finally {
        await books.close();
      }
    } catch (error) {
      // 1 says that something differs: whatever kept us from comparing must not say so.
      throw Object.assign(error as Error, { name: "CLIError" });
    }
  },
});

interface Asked {
  readonly month?: string | undefined;
  readonly license?: string | undefined;
  readonly reports: readonly string[];
  readonly trails: readonly string[];
  readonly offline?: boolean | undefined;
  readonly resolve?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly adjust?: string | undefined;
}

async function compare(books: Books, product: Product, asked: Asked): Promise<boolean> {
  const period = periodOf(asked.month, books.clock.now());
  const licenseId = asked.license === undefined ? undefined : licenseIdOf(asked.license);
  if (licenseId !== undefined && (await books.licenses.get(licenseId)) === undefined) {
    throw new Error(`There is no license ${licenseId} in this ledger.`);
  }
  const proof = await readProof(books, {
    period,
    trailPaths: asked.trails,
    reportPaths: asked.reports,
    isOffline: asked.offline === true,
    meteringRegion: product.seller.meteringRegion,
  });
  const deps = {
    ...books,
    prices: books.planBook.prices,
    productCode: product.listing.productCode,
  };
  const question = { period, licenseId };
  let found = await reconcile(deps, question, proof);
  const resolved: string[] = [];
  if (asked.resolve === true) {
    for (const { licenseId, dimension, finding } of found.differences) {
      if (finding === undefined) continue;
      const key = { licenseId, dimension };
      const done = await resolveInDoubt({ ...books, owner: "reconcile" }, key, finding);
      resolved.push(`${licenseId} ${dimension} ${finding.about}: ${resolvedWords(done)}`);
    }
    found = await reconcile(deps, question, proof);
  }
  if (asked.json === true) {
    const differences = found.differences.map(differenceJson);
    console.log(JSON.stringify({ ...summaryJson(found), resolved, differences }));
  } else {
    for (const line of [...resolved, ...found.differences.map(differenceWords)]) console.log(line);
    console.log(summaryWords(found, proof));
  }
  if (asked.adjust !== undefined) {
    const { productCode } = deps;
    const { differences } = found;
    // Not on stdout: with --json, that is one object.
    console.error(
      await writeAdjustments(books, { file: asked.adjust, productCode, licenseId, differences }),
    );
  }
  return found.differences.length === 0;
}

function handFinding(args: {
  readonly record?: string | undefined;
  readonly license?: string | undefined;
  readonly dimension?: string | undefined;
  readonly billed?: string | undefined;
  readonly source?: string | undefined;
}) {
  const { record = "", license, dimension, billed = "", source } = args;
  if (license === undefined || dimension === undefined || source === undefined) {
    throw new Error("--record needs --license, --dimension, --billed and --source with it.");
  }
  if (!/^\d{1,9}$/.test(record)) throw new Error("--record is the number of a record, from 0 on.");
  if (!/^\d{1,10}$/.test(billed))
    throw new Error("--billed is a number of whole units, from 0 on.");
  if (source.trim() === "") throw new Error("--source says how it is known, in words.");
  const finding = { about: Number(record), billed: Number(billed), source };
  return { key: { licenseId: licenseIdOf(license), dimension }, finding };
}

async function resolveByHand(
  books: Books,
  { key, finding }: ReturnType<typeof handFinding>,
): Promise<boolean> {
  const done = await resolveInDoubt({ ...books, owner: "by hand" }, key, finding);
  console.log(resolvedWords(done));
  return done.kind === "resolved" || done.kind === "already";
}

function resolvedWords(done: Awaited<ReturnType<typeof resolveInDoubt>>): string {
  switch (done.kind) {
    case "resolved":
      return `AWS billed ${done.item.billed} units; written as item ${done.item.n} (${done.item.source})`;
    case "already":
      return `AWS billed ${done.item.billed} units; that is item ${done.item.n} already`;
    case "pending":
      return `not written: record ${done.n} is still being sent. Try again when it has an outcome`;
    case "refused":
      return `not written: ${done.why}`;
  }
}

function periodOf(month: string | undefined, now: number): Period {
  if (month === undefined) return { start: hourOf(now - TRAIL_DAYS_MS), end: now };
  if (!/^\d{4}-(?:0[1-9]|1[0-2])$/.test(month)) {
    throw new Error(`--month is ${JSON.stringify(month)}: it is written as 2026-11.`);
  }
  return monthPeriod(month);
}

/** Every value of an option: the parser keeps the last one only. */
function all(rawArgs: readonly string[], option: string): string[] {
  return rawArgs.flatMap((arg, index) => {
    if (arg === `--${option}`) return rawArgs[index + 1] ?? [];
    return arg.startsWith(`--${option}=`) ? [arg.slice(option.length + 3)] : [];
  });
}
