import { describe, expect, it } from "vitest";
import type { Attempt, RecordAnswer } from "../../metering/domain/settlement.ts";
import type { MeteringBatch } from "../../metering/ports.ts";
import { createReporter } from "../../metering/report-records.ts";
import { at } from "./fixtures.ts";
import { answered, aRecord, licenseIdOf, NOW, records, scriptedAws } from "./scripted-aws.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const unanswered: Attempt = { kind: "unanswered", cause: "ECONNRESET" };
const throttled: Attempt = { kind: "busy", code: "ThrottlingException" };
const denied: Attempt = { kind: "barred", code: "AccessDenied", message: "no" };
const refused: Attempt = { kind: "rejected", code: "InvalidLicenseException" };
const all = (kind: RecordAnswer["kind"]) => (batch: MeteringBatch) => answered(batch, () => kind);

/** AWS's answers to one record, one after the other, the last one for ever. */
async function afterAnswers(
  answers: readonly (Attempt | ((batch: MeteringBatch) => Attempt))[],
  over: Parameters<typeof aRecord>[1] = {},
) {
  const aws = scriptedAws();
  let calls = 0;
  aws.script.answer = (batch) => {
    const answer = answers[Math.min(calls, answers.length - 1)] ?? unanswered;
    calls += 1;
    return typeof answer === "function" ? answer(batch) : answer;
  };
  const record = aRecord(1, over);
  const left = await aws.report([record]);
  return { ...aws, record, left, outcome: await aws.outcomeOf(record) };
}

describe("a refusal", () => {
  it.each<[string, Attempt | ((batch: MeteringBatch) => Attempt), string]>([
    ["throttled", throttled, "refused"],
    ["unprocessed", all("unprocessed"), "refused"],
    ["unanswered", unanswered, "in-doubt"],
    ["not mentioned", all("missing"), "in-doubt"],
  ])("after an attempt that was %s concludes no more than it may", async (_, before, outcome) => {
    expect((await afterAnswers([before, refused])).outcome).toBe(outcome);
    expect((await afterAnswers([before, all("not-subscribed")])).outcome).toBe(outcome);
  });

  it("after an unanswered and a definite attempt still leaves it in doubt", async () => {
    for (const between of [throttled, all("unprocessed")]) {
      expect((await afterAnswers([unanswered, between, refused])).outcome).toBe("in-doubt");
    }
  });

  it("of a record that was taken over leaves it in doubt: nobody knows what the other heard", async () => {
    expect((await afterAnswers([refused], { takenOver: true })).outcome).toBe("in-doubt");
  });

  it("is remembered by the next pass of the same worker", async () => {
    const { deps, record, script, left } = await afterAnswers([unanswered]);
    script.answer = () => refused;
    const next = createReporter(deps);
    await next.add(left);
    await next.flush();

    expect(await deps.ledger.head(record.key)).toMatchObject({ outcome: { kind: "in-doubt" } });
    expect(deps.possiblySent.size).toBe(0);
  });
});

describe("an acceptance", () => {
  it.each<[string, Attempt | ((batch: MeteringBatch) => Attempt)]>([
    ["unanswered", unanswered],
    ["not mentioned", all("missing")],
    ["throttled", throttled],
  ])("settles a record whose earlier attempt was %s", async (_, before) => {
    const { outcome, alarms, calls } = await afterAnswers([before, all("accepted")]);

    expect(outcome).toBe("accepted");
    expect(alarms).toEqual([]);
    expect(calls[1]?.records).toEqual(calls[0]?.records);
  });
});

describe("DuplicateRecord", () => {
  it("is final, alarmed, and its money stays committed", async () => {
    const { outcome, alarms } = await afterAnswers([all("duplicate")]);

    expect(outcome).toBe("duplicate");
    expect(alarms).toMatchObject([{ kind: "duplicate", usd: "0.07" }]);
  });
});

describe("CustomerNotSubscribed", () => {
  it("stops the license: another dimension's record is not sent, and owed again", async () => {
    const aws = scriptedAws();
    const fee = aRecord(3, { dimension: "fee" });
    aws.script.answer = (batch) =>
      answered(batch, ({ key }) =>
        key.licenseId === licenseIdOf(3) ? "not-subscribed" : "accepted",
      );
    const first = records(25);
    await aws.seal([...first, fee]);
    await aws.reporter.add(first);
    await aws.reporter.flush();
    await aws.reporter.add([fee]);
    const left = await aws.reporter.flush();

    expect(aws.calls).toHaveLength(1);
    expect(left).toEqual([]);
    expect(await aws.outcomeOf(fee)).toBe("refused");
    expect(aws.alarms).toMatchObject([
      { kind: "refused", dimension: "cents", message: "CustomerNotSubscribed" },
      { kind: "refused", dimension: "fee", message: "CustomerNotSubscribed" },
    ]);
  });

  it("leaves open what may have been sent before: only AWS's own answer settles that", async () => {
    const aws = scriptedAws();
    aws.script.answer = all("not-subscribed");
    const fee = aRecord(3, { dimension: "fee", takenOver: true });
    await aws.report([aRecord(3)]);
    const left = await aws.report([fee]);

    expect(left).toEqual([fee]);
    expect(await aws.outcomeOf(fee)).toBe("none");
  });
});

describe("TimestampOutOfBounds", () => {
  it("of a lone record is held and alarmed while its window is open by AWS's clock", async () => {
    const outOfBounds: Attempt = {
      kind: "rejected",
      code: "TimestampOutOfBoundsException",
      serverTime: NOW,
    };
    const { outcome, alarms, left, record, calls } = await afterAnswers([outOfBounds]);

    expect(outcome).toBe("none");
    expect(alarms).toMatchObject([{ kind: "held", usd: "0.07" }]);
    expect(left).toEqual([record]);
    expect(calls).toHaveLength(1);
  });
});

describe("a malformed record", () => {
  it("is found, held and alarmed, and costs the others nothing", async () => {
    const aws = scriptedAws();
    aws.script.answer = (batch) =>
      batch.records.some(({ key }) => key.licenseId === licenseIdOf(2))
        ? { kind: "rejected", code: "ValidationException" }
        : answered(batch);
    const sealed = records(5);
    const left = await aws.report(sealed);

    expect(await aws.outcomes(sealed)).toEqual([
      "accepted",
      "accepted",
      "none",
      "accepted",
      "accepted",
    ]);
    expect(left).toEqual([sealed[2]]);
    expect(aws.alarms).toMatchObject([{ kind: "held", licenseId: licenseIdOf(2) }]);
  });
});

describe("a window", () => {
  const DAY_OLD = NOW - 24 * HOUR;

  it("that closes within two minutes is closed: the record is never sent", async () => {
    const aws = scriptedAws();
    const late = aRecord(1, { stamp: DAY_OLD + 2 * MINUTE });
    const inTime = aRecord(2, { stamp: DAY_OLD + 2 * MINUTE + 1 });
    await aws.report([late, inTime]);

    expect(await aws.outcomes([late, inTime])).toEqual(["expired", "accepted"]);
    expect(aws.calls.flatMap((call) => call.records)).toEqual([inTime]);
  });

  it("that closes while the call waits for its turn is looked at again right before", async () => {
    const aws = scriptedAws();
    aws.script.onPace = () => aws.moveTo(NOW + 3 * MINUTE);
    const late = aRecord(1, { stamp: DAY_OLD + 4 * MINUTE });
    const sealed = [late, aRecord(2)];
    await aws.report(sealed);

    expect(aws.broken).toEqual([]);
    expect(await aws.outcomes(sealed)).toEqual(["expired", "accepted"]);
  });

  it("that closes during a back-off leaves an unanswered record in doubt", async () => {
    const aws = scriptedAws();
    aws.script.answer = () => {
      aws.moveTo(NOW + 3 * MINUTE);
      return unanswered;
    };
    const late = aRecord(1, { stamp: DAY_OLD + 4 * MINUTE });
    await aws.report([late]);

    expect(aws.calls).toHaveLength(1);
    expect(await aws.outcomeOf(late)).toBe("in-doubt");
  });

  it("of last month closes at 06:00 on the 1st, however recent the record", async () => {
    const aws = scriptedAws({ now: at("2026-04-01T05:57:59Z") });
    const stamp = at("2026-03-31T23:00:00Z");
    const [inTime, late] = [aRecord(1, { stamp }), aRecord(2, { stamp })];
    await aws.report([inTime]);
    aws.moveTo(at("2026-04-01T05:58:00Z"));
    await aws.report([late]);

    expect(await aws.outcomes([inTime, late])).toEqual(["accepted", "expired"]);
  });

  it("takes no turn and no call when every record's has closed", async () => {
    const aws = scriptedAws();
    await aws.report(records(3, { stamp: DAY_OLD }));

    expect([aws.calls, aws.paced]).toEqual([[], []]);
  });

  it("stays pending, not expired, when a permission was missing", async () => {
    const { outcome, possiblySent } = await afterAnswers([denied]).then((after) => ({
      outcome: after.outcome,
      possiblySent: after.deps.possiblySent.size,
    }));

    expect([outcome, possiblySent]).toEqual(["none", 0]);
  });
});

describe("usage allocations", () => {
  const hash = "a".repeat(64);
  const list = [{ quantity: 7, tags: [{ key: "Region", value: "eu-west-1" }] }];
  const allocated = () => {
    const record = aRecord(1);
    return { ...record, item: { ...record.item, allocations: hash } };
  };

  it("are looked up by the hash that the record was sealed with", async () => {
    const aws = scriptedAws();
    aws.lists.set(hash, list);
    await aws.report([allocated()]);

    expect(aws.calls[0]?.records[0]?.allocations).toEqual(list);
  });

  it("that are not in the store hold the record: another list would be another record", async () => {
    const aws = scriptedAws();
    const left = await aws.report([allocated()]);

    expect(aws.calls).toEqual([]);
    expect(left).toHaveLength(1);
    expect(aws.alarms).toMatchObject([{ kind: "held", usd: "0.07" }]);
  });
});

it("does not raise an alarm for what another worker has settled", async () => {
  const aws = scriptedAws();
  aws.script.answer = all("not-subscribed");
  const mine = aRecord(1);
  await aws.seal([mine]);
  await aws.deps.ledger.takeOver(mine.key, mine.item, "worker-2");
  await aws.reporter.add([mine]);
  await aws.reporter.flush();

  expect(aws.alarms).toEqual([]);
  expect(await aws.outcomeOf(mine)).toBe("none");
});
