import { LookupEventsCommand } from "@aws-sdk/client-cloudtrail";
import { createReadStream } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { readEventHistory } from "../../metering/adapters/cloud-trail.ts";
import { readTrailFiles } from "../../metering/adapters/cloud-trail-files.ts";
import { readSellerReport } from "../../metering/adapters/seller-reports.ts";
import { HOUR, type Period } from "../../metering/domain/calendar.ts";
import { joinTrails, type Trail } from "../../metering/domain/observation.ts";
import { licensesOf, type Proof } from "../../metering/reconcile.ts";
import type { Books } from "./open-books.ts";

export interface ProofSources {
  readonly period: Period;
  /** Exported log files or folders; the event history is read when there is none. */
  readonly trailPaths: readonly string[];
  readonly reportPaths: readonly string[];
  /** Files alone. */
  readonly isOffline: boolean;
  readonly meteringRegion: string;
}

/** LookupEvents: two a second for an account and region (API:LookupEvents). */
const LOOKUP_EVERY_MS = 500;
/** A record of the period's last hour can be billed until a day later. */
const LATE_MS = 26 * HOUR;

export async function readProof(books: Books, sources: ProofSources): Promise<Required<Proof>> {
  const { trailPaths, isOffline } = sources;
  const now = books.clock.now();
  const trails =
    trailPaths.length > 0
      ? await Promise.all(trailPaths.map((path) => readTrailFiles(path, now)))
      : isOffline
        ? []
        : await readLive(books, sources);
  const reports = await Promise.all(
    sources.reportPaths.map((path) =>
      readSellerReport(path, createReadStream(path, { encoding: "utf8" })),
    ),
  );
  return {
    trail: joinTrails(trails),
    usage: reports.flatMap((one) => (one.kind === "usage" ? [one.report] : [])),
    revenue: reports.flatMap((one) => (one.kind === "revenue" ? [one.report] : [])),
  };
}

/** Every region that a license is metered from, and the one for new ones. */
async function readLive(books: Books, { period, meteringRegion }: ProofSources): Promise<Trail[]> {
  const regions = new Set([meteringRegion]);
  for (const license of await licensesOf(books)) regions.add(license.meteringRegion);
  return Promise.all(
    [...regions].map(async (region) => {
      const client = books.cloudTrail(region);
      let next = performance.now();
      try {
        return await readEventHistory(
          {
            now: () => books.clock.now(),
            lookupEvents: (_, input) => client.send(new LookupEventsCommand(input)),
            pace: async () => {
              const wait = next - performance.now();
              next = Math.max(next, performance.now()) + LOOKUP_EVERY_MS;
              if (wait > 0) await sleep(wait);
            },
          },
          region,
          { from: period.start, to: period.end + LATE_MS },
        );
      } catch (error) {
        throw new Error(
          `CloudTrail of ${region} can't be read (${(error as Error).message}). The command needs cloudtrail:LookupEvents with the credentials of the account that meters; or give it exported files (--cloudtrail), or --offline.`,
          { cause: error },
        );
      } finally {
        client.destroy();
      }
    }),
  );
}
