import { describe, expect, it } from "vitest";
import type { Contacts, SiteStore } from "../../registration-site/site-store.ts";

let made = 0;
const freshId = () => `id-${(made += 1)}`;

/** What every implementation of the site's store and contacts promises. */
export function describeSiteStore(
  name: string,
  open: () => Promise<{ siteStore: SiteStore; contacts: Contacts }>,
): void {
  describe(`site store: ${name}`, () => {
    it("knows nothing that was never written", async () => {
      const { siteStore, contacts } = await open();
      const id = freshId();

      for (const records of Object.values(siteStore)) {
        expect(await (records as SiteStore["stacks"]).get(id)).toBeUndefined();
      }
      expect(await contacts.email(id)).toBeUndefined();
    });

    it("answers what it stored, and keeps kinds apart that share an id", async () => {
      const { siteStore } = await open();
      const id = freshId();
      const session = { licenseId: "l-1", buyerAccountId: "111122223333", expiresAt: 1.7e12 + 1 };
      const agreement = { licenseIds: ["l-1", "l-2"] };

      expect(await siteStore.sessions.update(id, () => session)).toEqual(session);
      expect(await siteStore.agreements.update(id, () => agreement)).toEqual(agreement);

      expect(await siteStore.sessions.get(id)).toEqual(session);
      expect(await siteStore.agreements.get(id)).toEqual(agreement);
      expect(await siteStore.stacks.get(id)).toBeUndefined();
    });

    it("writes nothing when the change answers undefined or the same object", async () => {
      const { siteStore } = await open();
      const id = freshId();

      expect(await siteStore.agreements.update(id, () => undefined)).toBeUndefined();
      expect(await siteStore.agreements.get(id)).toBeUndefined();
      await siteStore.agreements.update(id, () => ({ licenseIds: ["l-1"] }));
      expect(await siteStore.agreements.update(id, (known) => known)).toEqual({
        licenseIds: ["l-1"],
      });
      expect(await siteStore.agreements.update(id, () => undefined)).toEqual({
        licenseIds: ["l-1"],
      });
    });

    it("applies each of 20 concurrent changes to the newest", async () => {
      const { siteStore } = await open();
      const id = freshId();
      const names = Array.from({ length: 20 }, (_, n) => `l-${n}`);

      await Promise.all(
        names.map((licenseId) =>
          siteStore.agreements.update(id, (known) => ({
            licenseIds: [...(known?.licenseIds ?? []), licenseId],
          })),
        ),
      );

      expect([...((await siteStore.agreements.get(id))?.licenseIds ?? [])].sort()).toEqual(
        [...names].sort(),
      );
    });

    it("lets one of 20 racers spend an install code", async () => {
      const { siteStore } = await open();
      const id = freshId();
      const code = { licenseId: "l-1", externalIds: ["x"], issuedAt: 1, expiresAt: 2 };
      await siteStore.installCodes.update(id, () => code);

      const seen = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          siteStore.installCodes.update(id, (known) =>
            known === undefined || known.spentBy !== undefined
              ? known
              : { ...known, spentBy: { deploymentId: `d-${n}`, at: n } },
          ),
        ),
      );

      expect(new Set(seen.map((record) => record?.spentBy?.deploymentId)).size).toBe(1);
    });

    it("keeps the newest address of a license", async () => {
      const { contacts } = await open();
      const id = freshId();

      await contacts.save(id, "first@example.com");
      await contacts.save(id, "second@example.com");

      expect(await contacts.email(id)).toBe("second@example.com");
    });
  });
}
