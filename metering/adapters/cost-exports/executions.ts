import type { Month } from "../../domain/calendar.ts";
import { ExportRefused } from "./export-refused.ts";
import { type ExportFiles, type ListedFile, Moved, textOf } from "./export-files.ts";

/** The files that hold one billing period, as the newest finished delivery wrote them. */
export interface Execution {
  /** The billing period; undefined for files that were laid there without AWS's folders. */
  readonly month: Month | undefined;
  readonly files: readonly ListedFile[];
  /** Changes when anything in it does. */
  readonly version: string;
}

const MANIFEST =
  /^(?<root>.*\/|)metadata\/BILLING_PERIOD=(?<month>\d{4}-\d{2})\/(?:[^/]+\/)?[^/]*Manifest\.json$/i;
const DATA = /(?:^|\/)(?<path>data\/BILLING_PERIOD=.*)$/i;
const COST_FILE = /\.(?:csv|csv\.gz|parquet)$/i;

/**
 * The newest finished delivery of each billing period from `first` on. AWS writes the manifest
 * last, whether it overwrites a period's files or puts each delivery in a folder of its own
 * (protocol-facts E4): what no manifest names is not there yet, or not any more.
 */
export async function newestExecutions(files: ExportFiles, first: Month): Promise<Execution[]> {
  const all = await files.list();
  const manifests = all.flatMap((file) => {
    const { root, month } = MANIFEST.exec(file.path)?.groups ?? {};
    return root === undefined || month === undefined ? [] : [{ root, month, file }];
  });
  if (manifests.length === 0) {
    if (all.some(({ path }) => DATA.test(path))) throw new Moved("no manifest yet");
    return looseFiles(all);
  }
  const roots = [...new Set(manifests.map(({ root }) => root))];
  if (roots.length > 1) {
    const names = roots.map((root) => root.replace(/\/$/, "") || ".").join(", ");
    throw new ExportRefused(
      `${files.title} holds ${roots.length} exports (${names}), and counting both would bill twice: name the folder of one`,
    );
  }
  const newest = new Map<Month, (typeof manifests)[number]>();
  for (const manifest of manifests) {
    const known = newest.get(manifest.month);
    if (known === undefined || isNewer(manifest.file, known.file)) {
      newest.set(manifest.month, manifest);
    }
  }
  const wanted = [...newest.values()].filter(({ month }) => month >= first);
  const byPath = new Map(all.map((file) => [file.path, file]));
  return Promise.all(
    wanted.map(async ({ month, root, file }) => {
      const named = await dataFiles(files, file);
      const found = named.map((path) => byPath.get(root + path));
      const there = found.filter((each) => each !== undefined);
      const isBeingReplaced =
        files.timesAreAws && there.some(({ modifiedAt }) => modifiedAt > file.modifiedAt);
      if (there.length < named.length || isBeingReplaced) throw new Moved(file.path);
      return { month, files: there, version: versionOf([file, ...there]) };
    }),
  );
}

function isNewer(a: ListedFile, b: ListedFile): boolean {
  return a.modifiedAt === b.modifiedAt ? a.path > b.path : a.modifiedAt > b.modifiedAt;
}

/** The manifest names keys or URLs in AWS's bucket; the part below the export is the same here. */
async function dataFiles(files: ExportFiles, manifest: ListedFile): Promise<string[]> {
  const refuse = (what: string) =>
    new ExportRefused(`the manifest ${manifest.path} in ${files.title} ${what}`);
  let named: unknown;
  try {
    named = (JSON.parse(await textOf(files, manifest)) as { dataFiles?: unknown }).dataFiles;
  } catch (error) {
    if (error instanceof SyntaxError) throw refuse("is no JSON");
    throw error;
  }
  if (!Array.isArray(named)) throw refuse("names no dataFiles: it is not of a data export");
  return named.map((name: unknown) => {
    const path = typeof name === "string" ? DATA.exec(name)?.groups?.["path"] : undefined;
    if (path === undefined) throw refuse(`names ${JSON.stringify(name)}, which is no data file`);
    return path;
  });
}

/** Cost files that a person laid there count together, all billing periods in one. */
function looseFiles(all: readonly ListedFile[]): Execution[] {
  const files = all.filter(({ path }) => path === "" || COST_FILE.test(path));
  return files.length === 0 ? [] : [{ month: undefined, files, version: versionOf(files) }];
}

function versionOf(files: readonly ListedFile[]): string {
  return JSON.stringify(files.map(({ path, version }) => [path, version]));
}
