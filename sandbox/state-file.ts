import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * The sandbox's whole state in one JSON file, replaced as a whole: a kill at any moment leaves
 * the old file or the new one, never half of one.
 */
export interface StateFile {
  read(): Promise<unknown>;
  /** Something changed since the last write. */
  changed(): void;
  /** Resolves once everything that changed before the call is on disk. */
  flush(): Promise<void>;
}

const FILE_NAME = "sandbox-state.json";

/** A sandbox without a folder remembers nothing. */
export const noStateFile: StateFile = {
  read: async () => undefined,
  changed: () => undefined,
  flush: async () => undefined,
};

export function stateFile(folder: string, snapshotText: () => string): StateFile {
  const path = join(folder, FILE_NAME);
  let changes = 0;
  let written = 0;
  let writing: Promise<void> | undefined;

  const write = async (): Promise<void> => {
    const upTo = changes;
    const text = snapshotText();
    const temporary = `${path}.new`;
    await writeFile(temporary, text, { mode: 0o600 });
    await rename(temporary, path);
    written = upTo;
  };

  return {
    async read() {
      await mkdir(folder, { recursive: true });
      let text: string;
      try {
        text = await readFile(path, "utf8");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
      try {
        return JSON.parse(text) as unknown;
      } catch (cause) {
        throw new Error(
          `The sandbox's state in ${path} is not readable. Delete the file to start afresh.`,
          { cause },
        );
      }
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
