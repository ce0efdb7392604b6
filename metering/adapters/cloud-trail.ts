import type {
  LookupEventsCommandInput,
  LookupEventsCommandOutput,
} from "@aws-sdk/client-cloudtrail";
import type { Instant } from "../domain/license.ts";
import { TRAIL_DAYS_MS, TRAIL_DELAY_MS, type Trail } from "../domain/observation.ts";
import { type TrailCall, trailCall, trailOf } from "./cloud-trail-record.ts";

export interface EventHistoryDeps {
  readonly lookupEvents: (
    region: string,
    input: LookupEventsCommandInput,
  ) => Promise<Pick<LookupEventsCommandOutput, "Events" | "NextToken">>;
  /** LookupEvents: two a second for an account and region. */
  readonly pace: (region: string) => Promise<void>;
  readonly now: () => Instant;
}

export interface HistoryWindow {
  readonly from: Instant;
  readonly to: Instant;
}

/**
 * BatchMeterUsage calls of a region, from CloudTrail's event history: 90 days, about 15 minutes
 * late, 50 a page (API:LookupEvents, protocol-facts A7). Asked by the event's name: what AWS calls
 * the event's source isn't in its reference.
 */
export async function readEventHistory(
  deps: EventHistoryDeps,
  region: string,
  window: HistoryWindow,
): Promise<Trail> {
  const readAt = deps.now();
  const from = Math.max(window.from, readAt - TRAIL_DAYS_MS);
  const to = Math.min(window.to, readAt);
  if (to <= from) return trailOf([], []);
  const calls: TrailCall[] = [];
  let NextToken: string | undefined;
  do {
    await deps.pace(region);
    const page = await deps.lookupEvents(region, {
      LookupAttributes: [{ AttributeKey: "EventName", AttributeValue: "BatchMeterUsage" }],
      StartTime: new Date(from),
      EndTime: new Date(to),
      ...(NextToken === undefined ? {} : { NextToken }),
    });
    for (const { CloudTrailEvent } of page.Events ?? []) {
      const call = trailCall(JSON.parse(CloudTrailEvent ?? "null"));
      if (call !== undefined) calls.push(call);
    }
    ({ NextToken } = page);
  } while (NextToken !== undefined && NextToken !== "");
  const span = {
    region,
    // Whole seconds: an event of the first second may lie before its fraction.
    from: Math.ceil(from / 1000) * 1000,
    through: Math.min(to, readAt - TRAIL_DELAY_MS),
    readAt,
    isComplete: true,
    source: `CloudTrail's event history of ${region}, read ${new Date(readAt).toISOString()}`,
  };
  return trailOf(calls, [span]);
}
