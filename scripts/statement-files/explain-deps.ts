import { statementAdjustments } from "../../metering/adjust-billing.ts";
import { dynamoAdjustments } from "../../metering/adapters/dynamo-adjustments.ts";
import { dynamoEntitlements } from "../../metering/adapters/dynamo-entitlements.ts";
import { dynamoCosts, dynamoLedger } from "../../metering/adapters/dynamo-ledger.ts";
import { dynamoPlanBook } from "../../metering/adapters/dynamo-plan-book.ts";
import { tableNames } from "../../metering/adapters/tables.ts";
import type { ExplainDeps } from "../../metering/explain-month.ts";
import { usageOf } from "../../metering/roll-up-usage.ts";
import type { OpenStore } from "../usage-import/open-store.ts";

/** What explaining a month reads. The plans are as they were remembered; nothing is written. */
export async function explainDeps(store: OpenStore, productCode: string): Promise<ExplainDeps> {
  const table = { client: store.client, tableName: tableNames.ledger };
  const book = await dynamoPlanBook(table, productCode).read();
  if (book === undefined) {
    throw new Error(
      "This store has no plans of this product: it was never metered here. Name its data folder (--data) or point the AWS SDK at its DynamoDB.",
    );
  }
  return {
    clock: store.clock,
    licenses: store.licenses,
    ledger: dynamoLedger(table),
    costs: dynamoCosts(table),
    usage: usageOf(store.usageStore),
    entitlements: dynamoEntitlements(table),
    plans: book.versions,
    prices: book.prices,
    adjustments: statementAdjustments(dynamoAdjustments(table)),
  };
}
