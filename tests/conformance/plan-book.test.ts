import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dynamoPlanBook } from "../../metering/adapters/dynamo-plan-book.ts";
import {
  type EmbeddedDynamoDb,
  startEmbeddedDynamoDb,
} from "../../metering/adapters/embedded-dynamodb.ts";
import { memoryPlanBook } from "../../metering/adapters/memory-plan-book.ts";
import { documentClient, ensureTables, tableNames } from "../../metering/adapters/tables.ts";
import { sameContent } from "../../metering/domain/plan-book.ts";
import { openPlanBook } from "../../metering/open-plan-book.ts";
import type { PlanBookStore } from "../../metering/plan-ports.ts";
import { aFee, aPlan, aShare, CENTS, FEE } from "../metering/fixtures.ts";

let store: EmbeddedDynamoDb;
let client: DynamoDBClient;
let books = 0;

beforeAll(async () => {
  store = await startEmbeddedDynamoDb({});
  client = new DynamoDBClient({
    endpoint: store.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  await ensureTables(client);
});

afterAll(async () => {
  client.destroy();
  await store.close();
});

const table = () => ({ client: documentClient(client), tableName: tableNames.ledger });

describePlanBook("embedded DynamoDB", () => dynamoPlanBook(table(), `product-${(books += 1)}`));
describePlanBook("memory", memoryPlanBook);

it("keeps the books of two products apart", async () => {
  const [one, other] = [dynamoPlanBook(table(), "one"), dynamoPlanBook(table(), "other")];
  await one.update(() => ({ versions: [], prices: { dimensions: [], offers: [] } }));

  expect(await other.read()).toBeUndefined();
});

function describePlanBook(name: string, fresh: () => PlanBookStore): void {
  describe(`The plan book in ${name}`, () => {
    const product = (percent: string) => ({
      plans: [aPlan({ ...aShare, percent }, aFee)],
      listing: {
        dimensions: [CENTS, FEE],
        offers: [{ offerId: "offer-1", unitPrices: { cents: "0.00000007" }, freeTrialDays: 14 }],
      },
    });
    const start = (planBook: PlanBookStore, percent: string, now = 1_000) =>
      openPlanBook({ clock: { now: () => now }, planBook }, product(percent));

    it("is empty before the first start, and then what was opened", async () => {
      const planBook = fresh();
      expect(await planBook.read()).toBeUndefined();

      const opened = await start(planBook, "20");

      expect(opened.kind === "opened" && sameContent(opened.book, await planBook.read())).toBe(
        true,
      );
    });

    it("is not written again by a start that says nothing new", async () => {
      const planBook = fresh();
      await start(planBook, "20");
      const before = await planBook.read();
      let writes = 0;

      const again = await start(
        {
          ...planBook,
          update: (change) =>
            planBook.update((known) => {
              const after = change(known);
              if (after !== known) writes += 1;
              return after;
            }),
        },
        "20",
        5_000_000,
      );

      expect(writes).toBe(0);
      expect(again).toMatchObject({ kind: "opened", book: before, notes: [] });
    });

    it("ends in one book when processes start at once", async () => {
      const planBook = fresh();
      await start(planBook, "20");

      const opened = await Promise.all(
        Array.from({ length: 8 }, () => start(planBook, "15", 5_000_000)),
      );

      const stored = await planBook.read();
      expect(stored?.versions).toHaveLength(2);
      for (const one of opened) {
        expect(one.kind === "opened" && sameContent(one.book, stored)).toBe(true);
      }
    });
  });
}
