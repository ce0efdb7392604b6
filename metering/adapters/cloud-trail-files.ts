import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { Coverage, Trail } from "../domain/observation.ts";
import { type TrailCall, trailCall, trailOf } from "./cloud-trail-record.ts";

const unzip = promisify(gunzip);

/**
 * Calls from exported log files: `{"Records": […]}` as a trail delivers them, or `{"Events": […]}`
 * as `aws cloudtrail lookup-events` prints them; a folder is read with all folders in it.
 *
 * They cover from their first event to their last, region by region; whether one file of many is
 * missing, nobody sees: so they prove what was billed, never that something wasn't.
 */
export async function readTrailFiles(path: string, readAt: number): Promise<Trail> {
  const calls: TrailCall[] = [];
  const spans = new Map<string, { from: number; through: number }>();
  for (const file of await filesOf(path)) {
    for (const record of await recordsOf(file)) {
      const { awsRegion: region, eventTime } = record as Record<string, unknown>;
      const at = typeof eventTime === "string" ? Date.parse(eventTime) : NaN;
      if (typeof region === "string" && !Number.isNaN(at)) {
        const { from, through } = spans.get(region) ?? { from: at, through: at };
        spans.set(region, { from: Math.min(from, at), through: Math.max(through, at) });
      }
      const call = trailCall(record);
      if (call !== undefined) calls.push(call);
    }
  }
  const coverage = [...spans].map(([region, span]): Coverage => ({
    region,
    ...span,
    readAt,
    isComplete: false,
    source: path,
  }));
  return trailOf(calls, coverage);
}

async function filesOf(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && /\.json(?:\.gz)?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  if (files.length === 0) throw new Error(`${path} holds no .json or .json.gz file.`);
  return files;
}

async function recordsOf(file: string): Promise<readonly object[]> {
  const bytes = await readFile(file);
  const isZipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  let content: unknown;
  try {
    content = JSON.parse((isZipped ? await unzip(bytes) : bytes).toString("utf8"));
  } catch (error) {
    throw new Error(`${file} can't be read as JSON (${(error as Error).message}).`, {
      cause: error,
    });
  }
  const { Records: records, Events: events } = (content ?? {}) as Record<string, unknown>;
  if (Array.isArray(records)) return records.filter(isObject);
  if (!Array.isArray(events)) {
    throw new Error(`${file} is no CloudTrail log: it has neither "Records" nor "Events".`);
  }
  return events.filter(isObject).map((event) => {
    const text = (event as Record<string, unknown>)["CloudTrailEvent"];
    if (typeof text !== "string") throw new Error(`${file} has an event without CloudTrailEvent.`);
    return JSON.parse(text) as object;
  });
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
