import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { UsageTokenKey } from "../../registration-site/adapters/usage-tokens.ts";

interface StoredKey {
  readonly id: string;
  /** Base64. */
  readonly secret: string;
  readonly createdAt: string;
}

const FILE = "usage-token-keys.json";
const SECRET_BYTES = 32;
const ROTATE_AFTER_MS = 30 * 24 * 3_600_000;

/**
 * The site's secret for usage tokens, kept in the data folder so that a token outlives a restart.
 * A start that finds it older than 30 days signs with a new one; the one before still verifies.
 */
export async function usageTokenKeys(
  dataDir: string,
  now: number,
): Promise<readonly UsageTokenKey[]> {
  const path = join(dataDir, FILE);
  const known = await readKeys(path);
  const [newest] = known;
  const isFresh = newest !== undefined && now - Date.parse(newest.createdAt) < ROTATE_AFTER_MS;
  const keys = isFresh ? known : [newKey(now), ...known].slice(0, 2);
  if (!isFresh) await writeKeys(path, keys, dataDir);
  return keys.map(({ id, secret }) => ({ id, secret: Buffer.from(secret, "base64") }));
}

function newKey(now: number): StoredKey {
  return {
    id: randomBytes(6).toString("hex"),
    secret: randomBytes(SECRET_BYTES).toString("base64"),
    createdAt: new Date(now).toISOString(),
  };
}

async function readKeys(path: string): Promise<readonly StoredKey[]> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as StoredKey[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new Error(
      `The keys for usage tokens in ${path} can't be read (${(error as Error).message}). Delete the file: a new key is made, and products get new tokens.`,
      { cause: error },
    );
  }
}

/** Whole or not at all, and readable by its owner alone. */
async function writeKeys(path: string, keys: readonly StoredKey[], dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  await writeFile(`${path}.new`, JSON.stringify(keys, undefined, 2), { mode: 0o600 });
  await chmod(`${path}.new`, 0o600);
  await rename(`${path}.new`, path);
}
