import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { offerAt } from "../../metering/domain/prices.ts";
import {
  aWorld,
  BUYER,
  deliver,
  licenseArnOf,
  lifecycleEnvelope,
  NOW,
  OTHER_ACCOUNT,
  sessionOf,
  tokenTable,
  useCasesOf,
  type World,
} from "./core-world.ts";

const licenseId = `l-${"a".repeat(32)}`;
const noSts = { url: "http://127.0.0.1:1" };
const MINUTE = 60_000;

const resolved = {
  kind: "resolved",
  licenseArn: licenseArnOf(licenseId),
  productCode: "exampleproductcode0000001",
  buyerAccountId: BUYER,
} as const;

const aSiteWorld = () => aWorld(noSts, { marketplace: tokenTable({ token: resolved }) });

const registration = { registrationToken: "token", freeTrialHint: false };

type Step = "register" | ReturnType<typeof lifecycleEnvelope>;

async function run(world: World, steps: readonly Step[]) {
  for (const step of steps) {
    if (step === "register") await useCasesOf(world).register(registration);
    else await deliver(world, step);
  }
  return world.licenses.get(licenseId);
}

const updated = (over = {}) => lifecycleEnvelope("License Updated - Manufacturer", over);
const ended = (over = {}) =>
  lifecycleEnvelope("Purchase Agreement Ended - Proposer", { status: "CANCELLED", ...over });
const deprovisioned = (over = {}) =>
  lifecycleEnvelope("License Deprovisioned - Manufacturer", over);

describe("License Updated", () => {
  it("activates at the event's own time, before the buyer registers", async () => {
    const license = await run(aSiteWorld(), [updated({ time: NOW - 7 })]);

    expect(license).toMatchObject({
      licenseId,
      licenseArn: licenseArnOf(licenseId),
      buyerAccountId: BUYER,
      agreementId: "agmt-1",
      offerId: "offer-1",
      meteringRegion: "us-east-1",
      activatedAt: NOW - 7,
    });
  });

  it("is the only thing that activates: a registration does not", async () => {
    expect((await run(aSiteWorld(), ["register"]))?.activatedAt).toBeUndefined();
  });

  it("activates at the first of several, in whatever order they come", async () => {
    const later = updated({ time: NOW + MINUTE });
    const first = updated({ time: NOW });

    expect((await run(aSiteWorld(), [later, first, later]))?.activatedAt).toBe(NOW);
  });

  it("keeps the plan, the registration and a fuller ARN than its own", async () => {
    const world = aSiteWorld();
    await run(world, [updated({ licenseArn: `aws:license-manager::1:license:${licenseId}` })]);
    const license = await run(world, ["register"]);
    expect(license?.licenseArn).toBe(licenseArnOf(licenseId));
    await useCasesOf(world).choosePlan(sessionOf(license!), "flat");

    const after = await run(world, [
      updated({ time: NOW + 1, licenseArn: `aws:license-manager::1:license:${licenseId}` }),
    ]);

    expect(after).toMatchObject({ plan: { id: "flat" }, licenseArn: licenseArnOf(licenseId) });
  });

  it("does not bring an ended license back, and says so", async () => {
    const world = aSiteWorld();
    const license = await run(world, [
      updated(),
      deprovisioned({ time: NOW + MINUTE }),
      updated({ time: NOW + 2 * MINUTE }),
    ]);

    expect(license?.endedAt).toBe(NOW + MINUTE);
    expect(world.lines.join()).toContain("stays ended until a person has looked");
  });

  it("for another buyer account than AWS named before is not applied", async () => {
    const world = aSiteWorld();
    await run(world, ["register"]);

    await expect(deliver(world, updated({ buyer: OTHER_ACCOUNT }))).rejects.toThrow(
      "two buyer accounts",
    );
    expect((await world.licenses.get(licenseId))?.buyerAccountId).toBe(BUYER);
  });
});

describe("the end", () => {
  it("starts with Agreement Ended, which does not end the license", async () => {
    const license = await run(aSiteWorld(), [updated(), ended({ time: NOW + MINUTE })]);

    expect(license).toMatchObject({ endingAt: NOW + MINUTE });
    expect(license?.endedAt).toBeUndefined();
  });

  it("starts with License Deprovisioned if that comes first, and is the end", async () => {
    const license = await run(aSiteWorld(), [
      updated(),
      deprovisioned({ time: NOW + MINUTE }),
      ended({ time: NOW + 2 * MINUTE }),
    ]);

    expect(license).toMatchObject({ endingAt: NOW + MINUTE, endedAt: NOW + MINUTE });
  });

  it("started at the earliest of several ends that AWS named, in whatever order", async () => {
    const [early, late] = [ended({ time: NOW + 1 }), ended({ time: NOW + 2, id: "again" })];

    for (const order of [
      [updated(), late, early],
      [late, updated(), early],
      [early, late, updated()],
    ]) {
      expect(await run(aSiteWorld(), order)).toMatchObject({ endingAt: NOW + 1 });
    }
  });

  it.each(["RENEWED", "REPLACED"])("does not start when the agreement was %s", async (status) => {
    const license = await run(aSiteWorld(), [updated(), ended({ time: NOW + 1, status })]);

    expect(license?.endingAt).toBeUndefined();
  });

  it("of an older agreement does not end a license that a newer one carries", async () => {
    const license = await run(aSiteWorld(), [
      ended({ agreementId: "agmt-1", time: NOW + 2 * MINUTE }),
      updated({ agreementId: "agmt-1", time: NOW }),
      updated({ agreementId: "agmt-2", time: NOW + MINUTE }),
    ]);

    expect(license).toMatchObject({ agreementId: "agmt-2" });
    expect(license?.endingAt).toBeUndefined();
  });

  it("of the agreement reaches its license although it came first and names none", async () => {
    const license = await run(aSiteWorld(), [ended({ time: NOW + MINUTE }), updated()]);

    expect(license).toMatchObject({ activatedAt: NOW, endingAt: NOW + MINUTE });
  });

  it("of an agreement never seen creates no license", async () => {
    const world = aSiteWorld();
    await run(world, [ended()]);

    expect(await world.licenses.get(licenseId)).toBeUndefined();
  });
});

describe("any order, any number of times", () => {
  const life: Step[] = [
    "register",
    updated({ time: NOW }),
    updated({ time: NOW + 5 * MINUTE, id: "second" }),
    ended({ time: NOW + 60 * MINUTE }),
    deprovisioned({ time: NOW + 61 * MINUTE }),
  ];
  const renewed: Step[] = [
    "register",
    updated({ time: NOW, agreementId: "agmt-1" }),
    updated({ time: NOW + 50 * MINUTE, agreementId: "agmt-2" }),
    ended({ time: NOW + 51 * MINUTE, agreementId: "agmt-1" }),
    ended({ time: NOW + 90 * MINUTE, agreementId: "agmt-2" }),
  ];

  const offered: Step[] = [
    updated({ time: NOW, offerId: "offer-a" }),
    updated({ time: NOW + 20 * MINUTE, offerId: "offer-b" }),
    updated({ time: NOW + 40 * MINUTE, offerId: "offer-b" }),
    updated({ time: NOW + 40 * MINUTE, offerId: "offer-c" }),
    updated({ time: NOW + 60 * MINUTE, offerId: "offer-d", agreementId: "agmt-2" }),
  ];

  it("all 120 orders of a license's life end in the same license", async () => {
    const expected = {
      activatedAt: NOW,
      agreementId: "agmt-1",
      endingAt: NOW + 60 * MINUTE,
      endedAt: NOW + 61 * MINUTE,
    };
    for (const order of permutations(life)) {
      expect(await run(aSiteWorld(), order)).toMatchObject(expected);
    }
  });

  it.each([
    ["a license's life", life],
    ["a renewal", renewed],
    ["a change of offers", offered],
  ])("%s, shuffled and with repetitions, ends the same", async (_, steps) => {
    const expected = await run(aSiteWorld(), steps);
    const shuffledWithRepeats = fc
      .array(fc.constantFrom(...steps), { maxLength: 8 })
      .chain((extra) =>
        fc.shuffledSubarray([...steps, ...extra], { minLength: steps.length + extra.length }),
      );

    await fc.assert(
      fc.asyncProperty(shuffledWithRepeats, async (order) => {
        expect(await run(aSiteWorld(), order)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it("all 120 orders of an amendment and a renewal know each offer from its first update", async () => {
    for (const order of permutations(offered)) {
      const license = await run(aSiteWorld(), order);
      const offers = [-1, 0, 19, 20, 39, 40, 59, 60].map((minute) =>
        offerAt(license!, NOW + minute * MINUTE),
      );

      expect(offers.join(" ").replaceAll("offer-", "")).toBe("a a a b b c c d");
      expect(license?.offerId).toBe("offer-d");
    }
  });

  it("all at the same moment, too", async () => {
    const expected = await run(aSiteWorld(), life);
    const world = aSiteWorld();

    await Promise.all([...life, ...life].map((step) => run(world, [step])));

    expect(await world.licenses.get(licenseId)).toEqual(expected);
  });
});

describe("what is not for us", () => {
  it.each([
    ["another seller account", updated({ account: "123412341234" })],
    ["another product", updated({ productCode: "somebodyelses" })],
    ["another source", { ...updated(), source: "aws.s3" }],
    ["an unknown detail-type", lifecycleEnvelope("Purchase Agreement Created - Proposer")],
  ])("is ignored with a line: %s", async (_, envelope) => {
    const world = aSiteWorld();

    expect(await deliver(world, envelope)).toBe("ignored");
    expect(await world.licenses.get(licenseId)).toBeUndefined();
    expect(world.lines).toHaveLength(1);
  });

  it.each([
    ["null", null],
    ["a text", "License Updated"],
    ["no source", {}],
    ["no time", { ...updated(), time: "yesterday" }],
    ["a day that does not exist", { ...updated(), time: "2026-02-31T25:00:00Z" }],
    ["no detail", { ...updated(), detail: undefined }],
    ["no license", updated({ licenseArn: "arn:aws:s3:::bucket" })],
    ["no buyer", updated({ buyer: "me" })],
    ["a hostile agreement id", updated({ agreementId: "a b\r\nc" })],
    ["a prototype as agreement id", updated({ agreementId: "__proto__" })],
  ])("is malformed and changes nothing: %s", async (_, envelope) => {
    const world = aSiteWorld();

    expect(await deliver(world, envelope)).toBe("malformed");
    expect(await world.licenses.get(licenseId)).toBeUndefined();
  });

  it("activates a license whose offer can't be read", async () => {
    const license = await run(aSiteWorld(), [updated({ offerId: "__proto__" })]);

    expect(license).toMatchObject({ activatedAt: NOW });
    expect(license?.offerId).toBeUndefined();
  });

  it("takes an agreement named like an object's own parts for just a name", async () => {
    for (const agreementId of ["constructor", "toString"]) {
      const license = await run(aSiteWorld(), [
        updated({ agreementId }),
        ended({ agreementId, time: NOW + 1 }),
      ]);
      expect(license).toMatchObject({ activatedAt: NOW });
    }
  });
});

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((first, index) =>
    permutations(items.filter((_, other) => other !== index)).map((rest) => [first, ...rest]),
  );
}
