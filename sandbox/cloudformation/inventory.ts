import type { Json, JsonObject } from "./template/template.ts";

/** A resource that exists in an account, whether its stack still does or not. */
export interface LiveResource {
  readonly type: string;
  readonly accountId: string;
  readonly region: string;
  readonly physicalId: string;
  readonly properties: JsonObject;
  readonly attributes: Readonly<Record<string, Json>>;
  readonly stackId: string;
  readonly logicalId: string;
}

/** What the sandbox's accounts hold. Names are unique per type, account and region. */
export interface Inventory {
  put(resource: LiveResource): void;
  get(
    type: string,
    accountId: string,
    region: string,
    physicalId: string,
  ): LiveResource | undefined;
  remove(resource: LiveResource): void;
  list(filter: (resource: LiveResource) => boolean): LiveResource[];
  snapshot(): readonly LiveResource[];
  restore(resources: readonly LiveResource[]): void;
}

export function createInventory(): Inventory {
  const resources = new Map<string, LiveResource>();
  const key = (type: string, accountId: string, region: string, physicalId: string) =>
    JSON.stringify([type, accountId, region, physicalId]);
  const keyOf = (one: LiveResource) => key(one.type, one.accountId, one.region, one.physicalId);
  return {
    put: (resource) => void resources.set(keyOf(resource), resource),
    get: (...path) => resources.get(key(...path)),
    remove: (resource) => void resources.delete(keyOf(resource)),
    list: (filter) => [...resources.values()].filter(filter),
    snapshot: () => [...resources.values()],
    restore: (saved) => {
      resources.clear();
      for (const resource of saved) resources.set(keyOf(resource), resource);
    },
  };
}
