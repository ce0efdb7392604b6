import { appendFile, mkdir, readFile, rename, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * The sandbox's state on disk: a log that only grows, and one JSON file with all the rest, which
 * is replaced as a whole and says how much of the log belongs to it. A kill at any moment leaves
 * the old file or the new one; what the log has beyond it was never answered, and is cut off.
 */
export interface StateFile {
  /** The state as it was written last, and the lines of its log. */
  read(): Promise<{ stored: unknown; logLines: readonly string[] }>;
  /** Something changed since the last write. */
  changed(): void;
  /** Resolves once everything that changed before the call is on disk. */
  flush(): Promise<void>;
}

export interface StateTexts {
  /** Lines that were added since the last call. */
  readonly growth: () => string;
  readonly snapshot: (logBytes: number) => string;
}

const FILE_NAME = "sandbox-state.json";
const LOG_NAME = "sandbox-log.jsonl";

/** A sandbox without a folder remembers nothing. */
export const noStateFile: StateFile = {
  read: async () => ({ stored: undefined, logLines: [] }),
  changed: () => undefined,
  flush: async () => undefined,
};

export function stateFile(folder: string, texts: StateTexts): StateFile {
  const path = join(folder, FILE_NAME);
  const log = growingFile(join(folder, LOG_NAME));
  let changes = 0;
  let written = 0;
  let writing: Promise<void> | undefined;

  const write = async (): Promise<void> => {
    const upTo = changes;
    // Both at one instant, before anything is awaited: they have to fit each other.
    log.add(texts.growth());
    const text = texts.snapshot(log.bytes());
    await log.flush();
    const temporary = `${path}.new`;
    await writeFile(temporary, text, { mode: 0o600 });
    await rename(temporary, path);
    written = upTo;
  };

  return {
    async read() {
      await mkdir(folder, { recursive: true });
      const stored = await readState(folder);
      const bytes = (stored as { logBytes?: number } | undefined)?.logBytes ?? 0;
      return { stored, logLines: await log.open(bytes) };
    },
    changed() {
      changes += 1;
    },
    async flush() {
      const wanted = changes;
      while (written < wanted) {
        // Whoever comes while a write runs shares the next one.
        writing ??= write().finally(() => {
          writing = undefined;
        });
        await writing;
      }
    },
  };
}

/** What a sandbox wrote last, without its log; undefined where none has been. Only reads. */
export async function readState(folder: string): Promise<unknown> {
  const path = join(folder, FILE_NAME);
  const text = await textOf(path);
  try {
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch (cause) {
    throw new Error(
      `The sandbox's state in ${path} is not readable. Delete the file to start afresh.`,
      { cause },
    );
  }
}

function growingFile(path: string) {
  let onDisk = 0;
  let waiting = Buffer.alloc(0);
  return {
    /** Cuts off what is beyond, and answers the lines before. */
    async open(bytes: number): Promise<string[]> {
      const content = Buffer.from((await textOf(path)) ?? "");
      if (content.length < bytes) throw new Error(`${path} is shorter than it was`);
      await writeFile(path, content.subarray(0, bytes), { mode: 0o600 });
      onDisk = bytes;
      return content.subarray(0, bytes).toString().split("\n").slice(0, -1);
    },
    add(text: string): void {
      waiting = Buffer.concat([waiting, Buffer.from(text)]);
    },
    bytes: () => onDisk + waiting.length,
    /** After a write that failed, what it may have left is overwritten. */
    async flush(): Promise<void> {
      if (waiting.length === 0) return;
      const text = waiting;
      await truncate(path, onDisk);
      await appendFile(path, text);
      onDisk += text.length;
      waiting = waiting.subarray(text.length);
    },
  };
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
