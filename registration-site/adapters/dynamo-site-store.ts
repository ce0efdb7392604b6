import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { revisionedItems } from "../../metering/adapters/revisioned-items.ts";
import type { Contacts, Records, SiteStore } from "../site-store.ts";

export interface DynamoTableDeps {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
}

/** The site's records in DynamoDB: each a partition of its own, reached by its id alone. */
export function dynamoSiteStore({ client, tableName }: DynamoTableDeps): SiteStore {
  const items = revisionedItems(client, tableName);
  const records = <T>(kind: string): Records<T> => {
    const key = (id: string) => ({ pk: `${kind}#${id}`, sk: kind });
    return {
      get: (id) => items.get<T>(key(id)),
      update: (id, change) => items.update<T>(key(id), change),
    };
  };
  return {
    sessions: records("session"),
    installCodes: records("install-code"),
    agreements: records("agreement"),
    stacks: records("stack"),
    costClaims: records("cost-claims"),
    usageProofs: records("usage-proofs"),
  };
}

/** Contacts in the table that holds nothing else. */
export function dynamoContacts({ client, tableName }: DynamoTableDeps): Contacts {
  const items = revisionedItems(client, tableName);
  const key = (licenseId: string) => ({ pk: `license#${licenseId}`, sk: "contact" });
  return {
    email: async (licenseId) => (await items.get<{ email: string }>(key(licenseId)))?.email,
    save: async (licenseId, email) => {
      await items.update<{ email: string }>(key(licenseId), (known) =>
        known?.email === email ? known : { email },
      );
    },
  };
}
