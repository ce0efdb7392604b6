import type { BatchMeterUsage } from "../../metering/adapters/aws-metering-gateway.ts";
import { holds } from "./broken.ts";
import { HOUR } from "./oracle/spans.ts";
import type { Random } from "./random.ts";
import { isWithin } from "./story.ts";
import { SELLER, type World } from "./world.ts";

/** One record as it went over the wire. */
export interface WireRecord {
  readonly Timestamp: string;
  readonly CustomerAWSAccountId: string;
  readonly Dimension: string;
  readonly Quantity: number;
}

type HeardBy = Pick<World, "story" | "service" | "refusals" | "clock" | "isCalm">;

/**
 * BatchMeterUsage by the sandbox's strict rules, with everything that can happen on the way there
 * and back. Holds I1 where it counts: what reaches AWS for a buyer's hour is always the same.
 */
export function awsAsHeard(world: HeardBy, random: Random): BatchMeterUsage {
  const { story, service, refusals, clock } = world;
  const { faults } = story;
  const payloads = new Map<string, string>();
  const happens = (probability: number) => !world.isCalm() && random.chance(probability);

  return async (region, input) => {
    const now = clock.now();
    const dark = !world.isCalm() && isWithin(story.darkness, now);
    const wire = JSON.parse(JSON.stringify(input)) as {
      ProductCode?: string;
      UsageRecords: WireRecord[];
    };
    for (const record of wire.UsageRecords) {
      const hour = Math.floor(Date.parse(record.Timestamp) / HOUR);
      const id = `${record.CustomerAWSAccountId} ${record.Dimension} ${hour}`;
      const payload = JSON.stringify([record, wire.ProductCode]);
      const first = payloads.get(id) ?? payload;
      holds("I1 a resend is byte-identical", first === payload, () => ({ payload, first }));
      payloads.set(id, payload);
    }
    const within = (spans: Parameters<typeof isWithin>[0]) =>
      !world.isCalm() && isWithin(spans, now);
    if (within(story.barred)) throw refused("AccessDeniedException", 400, now);
    if (within(story.busy)) throw refused("ThrottlingException", 400, now);
    if (happens(faults.lostRequest)) throw broken("ECONNRESET");
    if (happens(faults.throttled)) throw refused("ThrottlingException", 400, now);
    if (happens(faults.serverError)) throw refused("InternalServiceErrorException", 500, now);
    let answer;
    try {
      const UsageRecords = wire.UsageRecords.map((record) => ({
        ...record,
        Timestamp: Date.parse(record.Timestamp) / 1_000,
      }));
      const bytes = JSON.stringify(wire).length;
      const body = { ...wire, UsageRecords };
      const unprocessed = () => happens(faults.unprocessed);
      answer = service.batchMeterUsage(SELLER, region, body, now, bytes, unprocessed);
    } catch (error) {
      const { name } = error as Error;
      if (!name.endsWith("Exception")) throw error;
      if (wire.UsageRecords.length === 1) refusals.push(...wire.UsageRecords);
      if (dark) throw broken("ECONNRESET");
      throw refused(name, 400, now);
    }
    answer.Results.forEach(({ Status, UsageRecord }) => {
      const { CustomerAWSAccountId } = UsageRecord as unknown as WireRecord;
      if (Status !== "CustomerNotSubscribed") return;
      refusals.push(
        ...wire.UsageRecords.filter((one) => one.CustomerAWSAccountId === CustomerAWSAccountId),
        // AWS speaks of the license: its other dimensions are as unsubscribed.
        {
          CustomerAWSAccountId,
          Dimension: "*",
          Timestamp: new Date(now).toISOString(),
          Quantity: 0,
        },
      );
    });
    if (dark || happens(faults.lostAnswer)) throw broken("ECONNRESET");
    if (happens(faults.serverError)) throw refused("InternalServiceErrorException", 500, now);
    const Results = answer.Results.filter(() => !happens(faults.missing)).reverse();
    return { ...answer, Results } as unknown as Awaited<ReturnType<BatchMeterUsage>>;
  };
}

function broken(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function refused(name: string, status: number, now: number): Error {
  return Object.assign(new Error(name), {
    name,
    $metadata: { httpStatusCode: status },
    $response: { headers: { date: new Date(now).toUTCString() } },
  });
}
