import { randomUUID } from "node:crypto";
import { AwsError } from "../aws-service.ts";
import type { AwsRequest, AwsService, Iam } from "../aws-service.ts";
import type { SandboxClock, SandboxPart } from "../sandbox.ts";
import type { Settings } from "../settings.ts";
import { lookupEvents } from "../trail/lookup-events.ts";
import { trailEvent } from "../trail/trail-event.ts";
import type { ObservedCall, TrailEvent } from "../trail/trail-event.ts";
import { callsPerSecond } from "./calls-per-second.ts";

export interface CloudTrail extends SandboxPart {
  /** Told of every call that AWS could name the caller of, also of refused ones. */
  observe(call: ObservedCall): void;
}

export interface CloudTrailDeps {
  readonly clock: SandboxClock;
  readonly iam: Iam;
  readonly changed: () => void;
  readonly settings: Settings;
}

/** Lookups per second, account and region (API:LookupEvents). */
const LOOKUPS_PER_SECOND = 2;

/** The event history: which BatchMeterUsage calls reached AWS, and what it answered (A7). */
export function cloudTrail(deps: CloudTrailDeps): CloudTrail {
  const { clock, iam, settings } = deps;
  const withinQuota = callsPerSecond(LOOKUPS_PER_SECOND);
  let events: TrailEvent[] = [];

  const service: AwsService = {
    signingNames: ["cloudtrail"],
    targetPrefix: "CloudTrail_20131101",
    async handle({ action, caller, region, input }: AwsRequest): Promise<unknown> {
      if (action !== "LookupEvents") {
        throw new AwsError("UnknownOperationException", `CloudTrail here has no ${action}.`);
      }
      if (!iam.isAllowed(caller, "cloudtrail:LookupEvents", "*")) {
        throw new AwsError(
          "AccessDeniedException",
          `User: ${caller.arn} is not authorized to perform: cloudtrail:LookupEvents`,
        );
      }
      const { accountId } = caller;
      if (settings.cloudTrailQuota && !withinQuota(`${accountId} ${region}`)) {
        throw new AwsError("ThrottlingException", "Rate exceeded");
      }
      const scope = { accountId, region, now: clock.now(), delayMs: settings.cloudTrailDelayMs };
      return lookupEvents(events, input, scope);
    },
  };

  return {
    services: [service],
    observe(call) {
      const event = trailEvent(call, randomUUID(), settings.cloudTrailTimestamps);
      if (event === undefined) return;
      events.push(event);
      deps.changed();
    },
    snapshot: () => ({}),
    restore(snapshot) {
      events = [...((snapshot as { events?: TrailEvent[] }).events ?? [])];
    },
    log: {
      entriesFrom: (index) => events.slice(index),
      restoreEntries: (entries) => void events.push(...(entries as TrailEvent[])),
    },
  };
}
