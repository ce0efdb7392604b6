import type { Licenses } from "../../metering/ports.ts";
import type { Records, SiteStore } from "../../registration-site/site-store.ts";

/** The process died here. */
export class Killed extends Error {}

export type Interruption = "killed-before" | "killed-after";

export interface Stores {
  readonly licenses: Licenses;
  readonly siteStore: SiteStore;
}

/**
 * The same stores, with something happening around the n-th write (from 1): the process dies
 * before it or after it, or another request runs in between.
 */
export function interrupted(
  { licenses, siteStore }: Stores,
  nth: number,
  what: Interruption | (() => Promise<unknown>),
): Stores & { writes(): number } {
  let writes = 0;
  async function write<T>(perform: () => Promise<T>): Promise<T> {
    writes += 1;
    if (writes !== nth) return perform();
    if (what === "killed-before") throw new Killed(`before write ${nth}`);
    if (typeof what === "function") await what();
    const stored = await perform();
    if (what === "killed-after") throw new Killed(`after write ${nth}`);
    return stored;
  }
  const records = <T>(inner: Records<T>): Records<T> => ({
    get: (id) => inner.get(id),
    update: (id, change) => write(() => inner.update(id, change)),
  });
  return {
    writes: () => writes,
    licenses: {
      ...licenses,
      update: (id, change) => write(() => licenses.update(id, change)),
      updateDeployment: (id, deploymentId, change) =>
        write(() => licenses.updateDeployment(id, deploymentId, change)),
    },
    siteStore: {
      sessions: records(siteStore.sessions),
      installCodes: records(siteStore.installCodes),
      agreements: records(siteStore.agreements),
      stacks: records(siteStore.stacks),
      costClaims: records(siteStore.costClaims),
      usageProofs: records(siteStore.usageProofs),
    },
  };
}
