import { describe, expect, it } from "vitest";
import {
  aWorld,
  BUYER,
  licenseArnOf,
  NOW,
  OTHER_ACCOUNT,
  tokenTable,
  useCasesOf,
} from "./core-world.ts";

const noSts = { url: "http://127.0.0.1:1" };
const licenseId = `l-${"b".repeat(32)}`;
const resolved = {
  kind: "resolved",
  licenseArn: licenseArnOf(licenseId),
  productCode: "exampleproductcode0000001",
  buyerAccountId: BUYER,
} as const;

const aSite = () => {
  const world = aWorld(noSts, {
    marketplace: tokenTable({
      good: resolved,
      foreign: { ...resolved, productCode: "another" },
      impostor: { ...resolved, buyerAccountId: OTHER_ACCOUNT },
      old: { kind: "expired-token" },
      busy: { kind: "unavailable" },
    }),
  });
  const site = useCasesOf(world);
  const register = (registrationToken: string | undefined) =>
    site.register({ registrationToken, freeTrialHint: false });
  const registered = async () => {
    const outcome = await register("good");
    if (outcome.kind !== "registered") throw new Error(outcome.kind);
    return outcome;
  };
  return { world, site, register, registered };
};

describe("a registration", () => {
  it("keeps what AWS answered and opens a session for it", async () => {
    const { world, site, registered } = aSite();

    const { session, license } = await registered();

    expect(license).toEqual({
      licenseArn: licenseArnOf(licenseId),
      licenseId,
      productCode: "exampleproductcode0000001",
      buyerAccountId: BUYER,
      meteringRegion: "us-east-1",
    });
    expect(await world.licenses.get(licenseId)).toEqual(license);
    expect(await site.session(session)).toMatchObject({ licenseId, buyerAccountId: BUYER });
  });

  it("can be repeated, and then gives a session of its own for the same license", async () => {
    const { site, registered } = aSite();
    const first = await registered();

    const second = await registered();

    expect(second.license).toEqual(first.license);
    expect(second.session).not.toBe(first.session);
    expect(await site.session(first.session)).toBeDefined();
  });

  it.each([
    [undefined, "missing-token"],
    ["", "missing-token"],
    ["   ", "missing-token"],
    ["old", "expired-token"],
    ["nonsense", "invalid-token"],
    ["x".repeat(10_000), "invalid-token"],
    ["busy", "unavailable"],
    ["foreign", "other-product"],
  ])("with the token %j is told apart as %s and writes nothing", async (token, kind) => {
    const { world, register } = aSite();

    expect(await register(token)).toMatchObject({ kind });
    expect(await world.licenses.get(licenseId)).toBeUndefined();
  });

  it("of the same license by another account is not believed", async () => {
    const { register, registered } = aSite();
    await registered();

    await expect(register("impostor")).rejects.toThrow("two buyer accounts");
  });

  it("leaves no token in the log", async () => {
    const { world, register } = aSite();
    for (const token of ["good", "old", "nonsense", "foreign", "busy"]) await register(token);

    for (const token of ["good", "old", "nonsense", "foreign", "busy"]) {
      expect(world.lines.join("\n")).not.toContain(`"${token}"`);
    }
  });
});

describe("a session", () => {
  it("ends after 12 hours, to the millisecond", async () => {
    const { world, site, registered } = aSite();
    const { session } = await registered();

    world.now = NOW + 12 * 3_600_000 - 1;
    expect(await site.session(session)).toBeDefined();
    world.now += 1;
    expect(await site.session(session)).toBeUndefined();
  });

  it("ends when its holder says so, and only that one", async () => {
    const { site, registered } = aSite();
    const [mine, other] = [await registered(), await registered()];

    await site.endSession(mine.session);

    expect(await site.session(mine.session)).toBeUndefined();
    expect(await site.session(other.session)).toBeDefined();
  });

  it.each([undefined, "", "short", "x".repeat(43), "__proto__", "x".repeat(100_000)])(
    "is not found for the token %j",
    async (token) => {
      const { site, registered } = aSite();
      await registered();

      expect(await site.session(token?.slice(0, 1_000))).toBeUndefined();
    },
  );

  it("is stored under a hash: neither token nor CSRF token can be read from the store", async () => {
    const { world, site, registered } = aSite();
    const seen: string[] = [];
    const { sessions } = world.siteStore;
    const update = sessions.update.bind(sessions);
    sessions.update = (id, change) =>
      update(id, (value) => {
        const changed = change(value);
        seen.push(JSON.stringify([id, changed]));
        return changed;
      });

    const { session } = await registered();

    const found = await site.session(session);
    expect(seen).toHaveLength(1);
    expect(seen.join()).not.toContain(session);
    expect(seen.join()).not.toContain(found?.csrfToken);
  });

  it("has a CSRF token of its own, the same each time", async () => {
    const { site, registered } = aSite();
    const [a, b] = [await registered(), await registered()];

    const tokens = await Promise.all(
      [a, a, b].map(async ({ session }) => (await site.session(session))?.csrfToken),
    );

    expect(tokens[0]).toBe(tokens[1]);
    expect(tokens[0]).not.toBe(tokens[2]);
    expect(tokens[0]).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("a plan", () => {
  const session = async (site: ReturnType<typeof aSite>) => {
    const { session: token } = await site.registered();
    const found = await site.site.session(token);
    if (found === undefined) throw new Error("no session");
    return found;
  };

  it("is not picked by registering: nothing counts before the buyer acts", async () => {
    const site = aSite();
    const { license } = await site.registered();

    expect(license.plan).toBeUndefined();
  });

  it("counts from when it was picked, and picking it again moves nothing", async () => {
    const site = aSite();
    const mine = await session(site);

    expect(await site.site.choosePlan(mine, "flat")).toEqual({ kind: "chosen" });
    site.world.now += 1;
    expect(await site.site.choosePlan(mine, "flat")).toEqual({ kind: "chosen" });
    expect((await site.world.licenses.get(licenseId))?.plan).toEqual({ id: "flat", since: NOW });
  });

  it("can be changed before anything is deployed, and then counts from the change", async () => {
    const site = aSite();
    const mine = await session(site);
    await site.site.choosePlan(mine, "flat");
    site.world.now += 1;

    expect(await site.site.choosePlan(mine, "share")).toEqual({ kind: "chosen" });
    expect((await site.world.licenses.get(licenseId))?.plan).toEqual({
      id: "share",
      since: NOW + 1,
    });
  });

  it.each(["", "SHARE", "__proto__", "enterprise"])("%j is unknown", async (planId) => {
    const site = aSite();

    expect(await site.site.choosePlan(await session(site), planId)).toEqual({
      kind: "unknown-plan",
    });
  });

  it("is the product's first for who launches without picking one", async () => {
    const site = aSite();
    await site.site.issueInstallCode(await session(site));

    expect((await site.world.licenses.get(licenseId))?.plan).toEqual({ id: "share", since: NOW });
  });
});

describe("an install code", () => {
  const codeOf = async (site: ReturnType<typeof aSite>) => {
    const { session: token } = await site.registered();
    const found = await site.site.session(token);
    if (found === undefined) throw new Error("no session");
    return site.site.issueInstallCode(found);
  };

  it("can be read aloud, lives 24 hours, and comes with an external ID of 160 bits", async () => {
    const code = await codeOf(aSite());

    expect(code.code).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(code.expiresAt).toBe(NOW + 24 * 3_600_000);
    expect(code.externalIds).toEqual([expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{32}$/)]);
  });

  it("fits what the launch template's parameters allow", async () => {
    const code = await codeOf(aSite());

    expect(code.code).toMatch(/^[A-Za-z0-9_-]{6,64}$/);
    expect(code.externalIds.join(",")).toMatch(/^[A-Za-z0-9_+=.@:/-]{16,128}$/);
  });

  it("is another one each time, with another external ID", async () => {
    const site = aSite();
    const codes = await Promise.all([codeOf(site), codeOf(site), codeOf(site)]);

    expect(new Set(codes.map(({ code }) => code)).size).toBe(3);
    expect(new Set(codes.flatMap(({ externalIds }) => externalIds)).size).toBe(3);
  });
});

describe("a contact", () => {
  it.each(["a.b+c@gmail.com", " someone@example.co.uk ", "x@a-b.example"])(
    "%j is saved",
    async (email) => {
      const { site, registered } = aSite();
      const session = await site.session((await registered()).session);

      expect(await site.saveContact(session!, email)).toEqual({ kind: "saved" });
      expect(await site.contactEmail(licenseId)).toBe(email.trim());
    },
  );

  it.each(["", "a", "a@b", "a@@b.c", "a b@c.d", "<a@b.c>", `${"a".repeat(300)}@b.c`, "a@b.c\r\nd"])(
    "%j is a bad address",
    async (email) => {
      const { site, registered } = aSite();
      const session = await site.session((await registered()).session);

      expect(await site.saveContact(session!, email)).toEqual({ kind: "bad-email" });
      expect(await site.contactEmail(licenseId)).toBeUndefined();
    },
  );
});

describe("an overview", () => {
  it.each([
    [{}, "waiting-for-aws"],
    [{ activatedAt: NOW }, "active"],
    [{ activatedAt: NOW, endingAt: NOW }, "ending"],
    [{ activatedAt: NOW, endingAt: NOW, endedAt: NOW }, "ended"],
  ])("of a license with %j says %s", async (over, status) => {
    const { world, site, registered } = aSite();
    const session = await site.session((await registered()).session);
    await world.licenses.update(licenseId, (known) => known && { ...known, ...over });

    expect(await site.overview(session!)).toMatchObject({ status, deployments: [] });
  });

  it("asks metering only for months that are months", async () => {
    const asked: string[] = [];
    const { world, registered } = aSite();
    const metering = {
      ...world.metering,
      statement: async (_: string, month: string) => void asked.push(month),
    };
    const site = useCasesOf({ ...world, metering: metering });
    const session = await site.session((await registered()).session);

    for (const month of ["2026-11", "2026-13", "2026-1", "../etc", "2026-11\n"]) {
      if (session) await site.statement(session, month);
    }

    expect(asked).toEqual(["2026-11"]);
  });
});
