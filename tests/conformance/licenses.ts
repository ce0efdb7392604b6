import { describe, expect, it } from "vitest";
import { licenseBucket } from "../../metering/adapters/dynamo-licenses.ts";
import type { Deployment, License } from "../../metering/domain/license.ts";
import type { Licenses } from "../../metering/ports.ts";

let made = 0;

/** A license id that no other test uses. */
export function freshLicenseId(): string {
  made += 1;
  return `l-${made.toString(16).padStart(32, "0")}`;
}

export function aLicense(licenseId: string, over: Partial<License> = {}): License {
  return {
    licenseArn: `arn:aws:license-manager::294406891311:license:${licenseId}`,
    licenseId,
    productCode: "abc123productcode",
    buyerAccountId: "111122223333",
    meteringRegion: "us-east-1",
    ...over,
  };
}

export function aDeployment(licenseId: string, over: Partial<Deployment> = {}): Deployment {
  return {
    deploymentId: "d-1",
    licenseId,
    accountId: "111122223333",
    partition: "aws",
    region: "eu-central-1",
    stackId: "arn:aws:cloudformation:eu-central-1:111122223333:stack/example/guid",
    templateVersion: "1.0.0",
    readRoleArn: "arn:aws:iam::111122223333:role/read",
    externalIds: ["external-id"],
    state: "active",
    registeredAt: 1_700_000_000_123,
    ...over,
  };
}

/** What every implementation of `Licenses` promises. `licensesWith` opens the same store again. */
export function describeLicenses(
  name: string,
  licensesWith: (shards: number) => Promise<Licenses>,
): void {
  describe(`licenses: ${name}`, () => {
    it("knows nothing of a license that was never written", async () => {
      const licenses = await licensesWith(4);
      const id = freshLicenseId();

      expect(await licenses.get(id)).toBeUndefined();
      expect(await licenses.deployments(id)).toEqual([]);
      expect(await licenses.deployment(id, "d-1")).toBeUndefined();
    });

    it("answers what it stored, exact to the millisecond", async () => {
      const licenses = await licensesWith(4);
      const license = aLicense(freshLicenseId(), {
        plan: { id: "share", since: 1_763_683_200_001 },
        activatedAt: 1_763_683_199_999,
      });

      expect(await licenses.update(license.licenseId, () => license)).toEqual(license);
      expect(await licenses.get(license.licenseId)).toEqual(license);
    });

    it("creates nothing when the change answers undefined", async () => {
      const licenses = await licensesWith(4);
      const id = freshLicenseId();

      expect(await licenses.update(id, () => undefined)).toBeUndefined();
      expect(await licenses.get(id)).toBeUndefined();
    });

    it("leaves what is stored when the change answers the same object or undefined", async () => {
      const licenses = await licensesWith(4);
      const license = aLicense(freshLicenseId());
      await licenses.update(license.licenseId, () => license);

      expect(await licenses.update(license.licenseId, (stored) => stored)).toEqual(license);
      expect(await licenses.update(license.licenseId, () => undefined)).toEqual(license);
      expect(await licenses.get(license.licenseId)).toEqual(license);
    });

    it("applies each of 25 concurrent changes exactly once, to the newest", async () => {
      const licenses = await licensesWith(4);
      const id = freshLicenseId();
      const addOne = (license: License | undefined) => {
        const before = license ?? aLicense(id, { activatedAt: 0 });
        return { ...before, activatedAt: (before.activatedAt ?? 0) + 1 };
      };

      await Promise.all(Array.from({ length: 25 }, () => licenses.update(id, addOne)));

      expect((await licenses.get(id))?.activatedAt).toBe(25);
    });

    it("lets one of 10 racers create a license and shows it to the others", async () => {
      const licenses = await licensesWith(4);
      const id = freshLicenseId();
      const accounts = Array.from({ length: 10 }, (_, n) => String(100_000_000_000 + n));

      const seen = await Promise.all(
        accounts.map((buyerAccountId) =>
          licenses.update(id, (known) => known ?? aLicense(id, { buyerAccountId })),
        ),
      );

      expect(new Set(seen.map((license) => license?.buyerAccountId)).size).toBe(1);
    });

    it("does not let a caller change what is stored by changing its object", async () => {
      const licenses = await licensesWith(4);
      const license = { ...aLicense(freshLicenseId()) };
      await licenses.update(license.licenseId, () => license);

      license.buyerAccountId = "999999999999";

      expect((await licenses.get(license.licenseId))?.buyerAccountId).toBe("111122223333");
    });

    it("lists every license in exactly one shard, whatever the number of shards", async () => {
      const ids = Array.from({ length: 40 }, freshLicenseId);
      const writer = await licensesWith(4);
      await Promise.all(ids.map((id) => writer.update(id, () => aLicense(id))));

      for (const shards of [1, 3, 64]) {
        const licenses = await licensesWith(shards);
        const listed: string[] = [];
        for (let shard = 0; shard < shards; shard += 1) {
          for await (const license of licenses.inShard(shard)) listed.push(license.licenseId);
        }
        expect(listed.filter((id) => ids.includes(id)).sort()).toEqual(ids);
      }
    });

    it("lists a shard to its end, over several pages", async () => {
      const licenses = await licensesWith(64);
      const ids: string[] = [];
      while (ids.length < 210) {
        const id = freshLicenseId();
        if (licenseBucket(id) === 7) ids.push(id);
      }
      await Promise.all(ids.map((id) => licenses.update(id, () => aLicense(id))));

      const listed: string[] = [];
      for await (const license of licenses.inShard(7)) listed.push(license.licenseId);

      expect(ids.filter((id) => !listed.includes(id))).toEqual([]);
    });

    it("keeps deployments by license, in the order of their ids, apart from the license", async () => {
      const licenses = await licensesWith(4);
      const [mine, other] = [freshLicenseId(), freshLicenseId()];
      for (const deploymentId of ["d-b", "d-a"]) {
        const deployment = aDeployment(mine, { deploymentId });
        await licenses.updateDeployment(mine, deploymentId, () => deployment);
      }

      const found = await licenses.deployments(mine);

      expect(found.map((deployment) => deployment.deploymentId)).toEqual(["d-a", "d-b"]);
      expect(await licenses.deployment(mine, "d-b")).toEqual(found[1]);
      expect(await licenses.deployment(other, "d-b")).toBeUndefined();
      expect(await licenses.get(mine)).toBeUndefined();
    });

    it("lets one of 10 racers register a deployment", async () => {
      const licenses = await licensesWith(4);
      const id = freshLicenseId();
      const stacks = Array.from({ length: 10 }, (_, n) => `stack-${n}`);

      const seen = await Promise.all(
        stacks.map((stackId) =>
          licenses.updateDeployment(id, "d-1", (known) => known ?? aDeployment(id, { stackId })),
        ),
      );

      expect(new Set(seen.map((deployment) => deployment?.stackId)).size).toBe(1);
    });

    it("gives up an update whose change throws, and leaves what is stored", async () => {
      const licenses = await licensesWith(4);
      const license = aLicense(freshLicenseId());
      await licenses.update(license.licenseId, () => license);
      const bug = () => {
        throw new RangeError("a bug in the change");
      };

      await expect(licenses.update(license.licenseId, bug)).rejects.toThrow("a bug in the change");
      expect(await licenses.get(license.licenseId)).toEqual(license);
    });
  });
}
