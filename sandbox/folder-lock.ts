import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const FILE_NAME = "sandbox.lock";
/** A process that was killed a moment ago may still be listed. */
const PATIENCE_MS = 3000;
const STEP_MS = 100;

/** Folders that sandboxes of this process hold: a process id alone can't tell them apart. */
const held = new Set<string>();

/**
 * Makes a data folder this sandbox's own: two that write into one folder lose each other's
 * answers. The lock of a process that is gone, after a kill, counts for nothing.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const key = resolve(folder);
  const path = join(key, FILE_NAME);
  await mkdir(key, { recursive: true });
  for (let waited = 0; !(await taken(key, path)); waited += STEP_MS) {
    if (waited >= PATIENCE_MS) {
      throw new Error(
        `The data folder ${folder} belongs to another running sandbox. Stop that one, or choose ` +
          `another folder. If there is none, delete ${path}.`,
      );
    }
    await delay(STEP_MS);
  }
  return async () => {
    held.delete(key);
    await rm(path, { force: true });
  };
}

async function taken(key: string, path: string): Promise<boolean> {
  if (held.has(key)) return false;
  held.add(key);
  try {
    await writeFile(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    held.delete(key);
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const owner = Number(await readFile(path, "utf8").catch(() => ""));
  // Our own id without a lock of ours is a dead process's, of which we have inherited the id.
  if (owner !== process.pid && owner > 0 && isRunning(owner)) return false;
  await rm(path, { force: true });
  return false;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
