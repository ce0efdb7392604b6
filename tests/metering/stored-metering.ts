import { dynamoAllocations } from "../../metering/adapters/dynamo-allocations.ts";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { BatchMeterUsageCommand } from "@aws-sdk/client-marketplace-metering";
import { awsClients, type Credentials } from "../../metering/adapters/aws-clients.ts";
import { awsMeteringGateway } from "../../metering/adapters/aws-metering-gateway.ts";
import { costExplorerSource } from "../../metering/adapters/cost-explorer-source.ts";
import { dynamoCosts, dynamoLedger } from "../../metering/adapters/dynamo-ledger.ts";
import { dynamoPasses } from "../../metering/adapters/dynamo-passes.ts";
import {
  bucketsOf,
  dynamoLicenses,
  LICENSE_BUCKETS,
  licenseBucket,
} from "../../metering/adapters/dynamo-licenses.ts";
import { documentClient, ensureTables, tableNames } from "../../metering/adapters/tables.ts";
import { createMetering } from "../../metering/create-metering.ts";
import type { Plan } from "../../metering/domain/charges.ts";
import type { Alarm, Clock, Ledger } from "../../metering/ports.ts";
import { always, PRICES } from "./fixtures.ts";

/** As many shards as there are, so that a pass over one license's shard is one query. */
const shards = LICENSE_BUCKETS;

export function shardOf(licenseId: string): number {
  const bucket = licenseBucket(licenseId);
  return Array.from({ length: shards }, (_, shard) => shard).findIndex((shard) =>
    bucketsOf(shard, shards).includes(bucket),
  );
}

/** Metering as a seller runs it: DynamoDB's adapters, and the SDK's clients for everything else. */
export async function storedMetering(given: {
  readonly clock: Clock;
  readonly credentials: Credentials;
  readonly store: string;
  readonly plans: readonly Plan[];
  readonly owner: string;
  readonly watch?: (ledger: Ledger) => Ledger;
}) {
  const { clock, credentials, plans } = given;
  const client = new DynamoDBClient({ endpoint: given.store, region: "us-east-1", credentials });
  await ensureTables(client);
  const document = documentClient(client);
  const table = { client: document, tableName: tableNames.ledger };
  const licenses = dynamoLicenses({ client: document, tableName: tableNames.licenses, shards });
  const aws = awsClients({ clock, credentials: () => Promise.resolve(credentials) });
  const alarms: Alarm[] = [];
  const ledger = dynamoLedger(table);
  let births = 0;
  const metering = createMetering({
    clock,
    licenses,
    ledger: given.watch?.(ledger) ?? ledger,
    passes: dynamoPasses(table),
    usage: { month: async () => undefined },
    entitlements: { periods: async () => undefined },
    costs: dynamoCosts(table),
    source: costExplorerSource({ aws, sellerRegion: "us-east-1", costTagKey: "unused" }),
    gateway: awsMeteringGateway((region, input) =>
      aws.metering(region).send(new BatchMeterUsageCommand(input)),
    ),
    alarms: { raise: (alarm) => void alarms.push(alarm) },
    plans: always(plans),
    prices: PRICES,
    zeroRecords: false,
    newOwner: () => `${given.owner}-${(births += 1)}`,
    pause: async () => undefined,
    pace: async () => undefined,
    allocations: dynamoAllocations(table),
  });
  return { metering, licenses, ledger, alarms, close: () => client.destroy() };
}
