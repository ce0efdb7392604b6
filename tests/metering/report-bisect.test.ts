import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { halves } from "../../metering/domain/batching.ts";
import type { Attempt } from "../../metering/domain/settlement.ts";
import type { MeteringBatch, MeteringBatchRecord } from "../../metering/ports.ts";
import { answered, aRecord, licenseIdOf, NOW, records, scriptedAws } from "./scripted-aws.ts";

const MINUTE = 60_000;

/** AWS refuses every call that holds a poison record; `first` may answer otherwise. */
function poisoned(poison: (record: MeteringBatchRecord) => boolean, code = "InvalidTagException") {
  return (batch: MeteringBatch): Attempt =>
    batch.records.some(poison) ? { kind: "rejected", code } : answered(batch);
}

const among = (bad: readonly number[]) => {
  const ids = new Set(bad.map(licenseIdOf));
  return ({ key }: MeteringBatchRecord) => ids.has(key.licenseId);
};

describe("a refused call of 25", () => {
  it.each([
    [1, 11],
    [2, 19],
    [25, 49],
  ])("with %i poison takes at most 5 rounds more and %i calls", async (count, most) => {
    const anyBad = fc.uniqueArray(fc.nat(24), { minLength: count, maxLength: count });
    await fc.assert(
      fc.asyncProperty(anyBad, async (bad) => {
        const aws = scriptedAws();
        aws.script.answer = poisoned(among(bad));
        const sealed = records(25);
        await aws.report(sealed);

        expect(aws.rounds.length).toBeLessThanOrEqual(1 + 5);
        expect(aws.calls.length).toBeLessThanOrEqual(most);
        const outcomes = sealed.map((each) => (among(bad)(each) ? "refused" : "accepted"));
        expect(await aws.outcomes(sealed)).toEqual(outcomes);
        // A refusal has no back-off: there is nothing to wait for.
        expect(aws.paused).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it.each([1, 2, 3, 4, 7, 8, 16, 17, 24])("or of %i takes ⌈log₂ n⌉ rounds more", async (n) => {
    const aws = scriptedAws();
    aws.script.answer = poisoned(() => true);
    await aws.report(records(n));

    expect(aws.rounds).toHaveLength(1 + Math.ceil(Math.log2(n)));
    expect(aws.calls).toHaveLength(2 * n - 1);
  });

  it("settles the halves that AWS took before the next round is sent", async () => {
    const aws = scriptedAws();
    const poison = among([24]);
    const sealed = records(25);
    const refuse = poisoned(poison);
    const accepted: number[] = [];
    aws.script.answer = async (batch) => {
      if (batch.records.length === 1 && batch.records.every(poison)) {
        accepted.push((await aws.outcomes(sealed)).filter((each) => each === "accepted").length);
      }
      return refuse(batch);
    };
    await aws.report(sealed);

    // 13 + 6 + 3 before the round that sends the last 3 as 2 and 1.
    expect(accepted).toEqual([22]);
  });

  it("tells of the poison only, with its money", async () => {
    const aws = scriptedAws();
    aws.script.answer = poisoned(among([3]), "InvalidUsageDimensionException");
    await aws.report(records(25));

    expect(aws.alarms).toEqual([
      {
        kind: "refused",
        licenseId: licenseIdOf(3),
        dimension: "cents",
        usd: "0.07",
        message: "InvalidUsageDimensionException",
      },
    ]);
  });
});

describe("rounds of halving", () => {
  it("use up none of the four tries of a record that AWS then leaves unprocessed", async () => {
    const aws = scriptedAws();
    const refuse = poisoned(among([0]));
    aws.script.answer = (batch) => {
      const attempt = refuse(batch);
      return attempt.kind === "rejected" ? attempt : answered(batch, () => "unprocessed");
    };
    const left = await aws.report(records(8));

    expect(left).toHaveLength(7);
    // Four rounds to isolate the poison, then three more tries of the others.
    expect(aws.rounds).toHaveLength(4 + 3);
    expect(aws.paused).toEqual([1, 2, 3]);
  });

  it("need no back-off of their own, although the call did", async () => {
    const aws = scriptedAws();
    const refuse = poisoned(among([0]));
    aws.script.answer = (batch) =>
      aws.calls.length === 1 ? { kind: "busy", code: "ThrottlingException" } : refuse(batch);
    await aws.report(records(8));

    expect(aws.paused).toEqual([1]);
    expect(aws.rounds).toHaveLength(1 + 4);
  });

  it("go on for the other half when one gets no answer, which is sent again later", async () => {
    const aws = scriptedAws();
    const refuse = poisoned(among([5]));
    let lost = 0;
    aws.script.answer = (batch) => {
      if (batch.records.length === 4 && !batch.records.some(among([5])) && (lost += 1) === 1) {
        return { kind: "unanswered", cause: "ECONNRESET" };
      }
      return refuse(batch);
    };
    const sealed = records(8);
    await aws.report(sealed);

    expect(lost).toBe(2);
    const outcomes = sealed.map((_, n) => (n === 5 ? "refused" : "accepted"));
    expect(await aws.outcomes(sealed)).toEqual(outcomes);
  });

  it("leave out a record whose window closes meanwhile", async () => {
    const late = aRecord(9, { stamp: NOW - 24 * 60 * MINUTE + 5 * MINUTE });
    const aws = scriptedAws();
    const refuse = poisoned(among([0]));
    aws.script.answer = (batch) => {
      aws.moveTo(NOW + 4 * MINUTE);
      return refuse(batch);
    };
    const sealed = [late, ...records(4)];
    await aws.report(sealed);

    expect(aws.broken).toEqual([]);
    expect(aws.calls.filter(({ records: sent }) => sent.includes(late))).toHaveLength(1);
    expect(await aws.outcomeOf(late)).toBe("expired");
  });

  it("know that a refused call took nothing, so that its poison is owed again", async () => {
    const aws = scriptedAws();
    aws.script.answer = poisoned(() => true);
    await aws.report(records(4));

    expect(await aws.outcomes(records(4))).toEqual(Array(4).fill("refused"));
    expect(aws.deps.possiblySent.size).toBe(0);
  });
});

it("halves into parts that differ by one at most, and loses none", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 2, maxLength: 30 }), (all) => {
      const parts = halves(all);

      expect(parts.flat()).toEqual(all);
      expect(parts).toHaveLength(2);
      expect(Math.abs((parts[0]?.length ?? 0) - (parts[1]?.length ?? 0))).toBeLessThanOrEqual(1);
    }),
  );
  expect(halves([1])).toEqual([[1]]);
});
