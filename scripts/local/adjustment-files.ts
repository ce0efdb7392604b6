import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import * as z from "zod";
import {
  approveAdjustment,
  type Approved,
  clientTokenOf,
  creditLeft,
  prepareForLicense,
} from "../../metering/adjust-billing.ts";
import { agreementAdjustments } from "../../metering/adapters/agreement-adjustments.ts";
import { dynamoAdjustments } from "../../metering/adapters/dynamo-adjustments.ts";
import { tableNames } from "../../metering/adapters/tables.ts";
import {
  doubleBilled,
  type GiveBack,
  type PreparedAdjustment,
} from "../../metering/domain/adjustment.ts";
import type { Difference } from "../../metering/domain/difference.ts";
import { usdText } from "../../metering/domain/money.ts";
import { licensesOf } from "../../metering/reconcile.ts";
import { explainDeps } from "../statement-files/explain-deps.ts";
import type { Books } from "./open-books.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

const money = z.string().regex(/^\d{1,15}\.\d{2}$/);
const fileSchema = z.object({
  version: z.literal(1),
  adjustments: z.array(
    z.strictObject({
      licenseId: z.string(),
      dimension: z.string(),
      agreementId: z.string(),
      invoiceId: z.string(),
      month: z.string().regex(/^\d{4}-\d{2}$/),
      usd: money,
      before: money,
      failures: z.int().nonnegative(),
      because: z.string(),
      clientToken: z.string(),
    }),
  ),
});

function adjusting(books: Books) {
  const table = { client: books.client, tableName: tableNames.ledger };
  return {
    clock: books.clock,
    adjustments: dynamoAdjustments(table),
    aws: agreementAdjustments(books.agreements()),
    sha256,
  };
}

/** Writes what could be asked of AWS into a file for a person; sends nothing. */
export async function writeAdjustments(
  books: Books,
  asked: {
    readonly file: string;
    readonly productCode: string;
    readonly licenseId: string | undefined;
    readonly differences: readonly Difference[];
  },
): Promise<string> {
  const deps = adjusting(books);
  const explain = await explainDeps(books, asked.productCode);
  const doubles = doubleBilled(asked.differences);
  const adjustments: PreparedAdjustment[] = [];
  const left: GiveBack[] = [];
  for (const license of await licensesOf(books)) {
    const { licenseId } = license;
    if (asked.licenseId !== undefined && asked.licenseId !== licenseId) continue;
    const giveBacks = [
      ...(await creditLeft({ ...explain, clock: books.clock }, license)),
      ...doubles.filter((one) => one.licenseId === licenseId),
    ];
    const prepared = await prepareForLicense(deps, license, giveBacks);
    adjustments.push(...prepared.adjustments);
    left.push(...prepared.left);
  }
  const content = {
    version: 1,
    preparedAt: new Date(books.clock.now()).toISOString(),
    note: "Nothing of this was sent. Delete what shall not be sent, then: launchmeter reconcile --approve FILE",
    adjustments: adjustments.map((one) => ({ ...one, clientToken: clientTokenOf(deps, one) })),
    left: left.map(({ usd, ...one }) => ({ ...one, usd: usdText(usd) })),
  };
  await writeFile(asked.file, `${JSON.stringify(content, undefined, 2)}\n`);
  const later = left.map(
    ({ licenseId, dimension, usd, because }) =>
      `$${usdText(usd)} of ${licenseId} ${dimension} fits no issued invoice (yet): ${because}.`,
  );
  return [
    `${adjustments.length} billing adjustments prepared in ${asked.file}; nothing was sent.`,
    ...later,
  ].join("\n");
}

/** Sends what a person left in the file. A repeat sends nothing twice. */
export async function approveFile(
  books: Books,
  file: string,
): Promise<{ readonly lines: readonly string[]; readonly isAllTaken: boolean }> {
  const deps = adjusting(books);
  const adjustments = await readAdjustments(file);
  const approved: Approved[] = [];
  for (const adjustment of adjustments) approved.push(await approveAdjustment(deps, adjustment));
  return {
    lines: approved.map(approvedWords),
    isAllTaken: approved.every((one) => one.kind === "kept" && one.kept.state !== "failed"),
  };
}

async function readAdjustments(file: string): Promise<PreparedAdjustment[]> {
  const parsed = fileSchema.safeParse(JSON.parse(await readFile(file, "utf8")));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(
      `${file} is no file of prepared adjustments: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}. Nothing was sent.`,
    );
  }
  return parsed.data.adjustments.map(({ clientToken, ...adjustment }) => {
    if (clientTokenOf({ sha256 }, adjustment) !== clientToken) {
      throw new Error(
        `${file} was changed after it was prepared: ${adjustment.invoiceId}, $${adjustment.usd}. Whole entries can be deleted; for other amounts prepare it again. Nothing was sent.`,
      );
    }
    return adjustment;
  });
}

function approvedWords(one: Approved): string {
  if (one.kind === "refused") {
    const { invoiceId, usd } = one.adjustment;
    return `${invoiceId}  $${usd}  refused by AWS: ${one.message}`;
  }
  const { invoiceId, usd, requestId, state } = one.kept;
  const again = one.isNew ? "" : ", not sent again";
  return `${invoiceId}  $${usd}  ${requestId ?? "no request"}  ${state}${again}`;
}
