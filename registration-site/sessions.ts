import type { License } from "../metering/domain/license.ts";
import type { CoreDeps } from "./core-deps.ts";
import { sha256 } from "./hash.ts";
import type { Session, SessionToken } from "./ports.ts";
import type { SessionRecord } from "./site-store.ts";

const TOKEN_BYTES = 32;
/** A working day; *Set up your account* in the AWS console opens a new one at any time. */
const SESSION_MS = 12 * 60 * 60 * 1000;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

type SessionDeps = Pick<CoreDeps, "clock" | "siteStore" | "randomBytes" | "sessionMs">;

/** Opens a session for the license's holder. The token is answered once and never stored. */
export async function openSession(
  { clock, siteStore, randomBytes, sessionMs = SESSION_MS }: SessionDeps,
  license: License,
): Promise<SessionToken> {
  const token = Buffer.from(randomBytes(TOKEN_BYTES)).toString("base64url");
  const { licenseId, buyerAccountId } = license;
  const record: SessionRecord = {
    licenseId,
    buyerAccountId,
    expiresAt: clock.now() + sessionMs,
  };
  await siteStore.sessions.update(sha256(token), () => record);
  return token;
}

export async function findSession(
  { clock, siteStore }: Pick<CoreDeps, "clock" | "siteStore">,
  token: SessionToken | undefined,
): Promise<Session | undefined> {
  if (token === undefined || !TOKEN.test(token)) return undefined;
  const record = await siteStore.sessions.get(sha256(token));
  if (record === undefined || record.endedAt !== undefined) return undefined;
  if (clock.now() >= record.expiresAt) return undefined;
  const { licenseId, buyerAccountId, expiresAt } = record;
  return { licenseId, buyerAccountId, expiresAt, csrfToken: csrfTokenOf(token) };
}

export async function endSession(
  { clock, siteStore }: Pick<CoreDeps, "clock" | "siteStore">,
  token: SessionToken,
): Promise<void> {
  if (!TOKEN.test(token)) return;
  await siteStore.sessions.update(
    sha256(token),
    (record) => record && { ...record, endedAt: record.endedAt ?? clock.now() },
  );
}

/** Follows from the session token but does not lead back to it, so it needs no storage. */
function csrfTokenOf(token: SessionToken): string {
  return sha256(`launchmeter csrf token of session ${token}`);
}
