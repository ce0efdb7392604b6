import type { CoreDeps } from "./core-deps.ts";
import type { Session, SiteUseCases } from "./ports.ts";

/** Whether mail arrives is found out by sending; this only catches slips of the keyboard. */
const EMAIL = /^[^\s@<>"(),:;\\]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+$/;
const LONGEST_EMAIL = 254;

/** Any provider is fine, webmail too: the listing's review asks for that (protocol-facts A1). */
export async function saveContact(
  { contacts }: Pick<CoreDeps, "contacts">,
  session: Session,
  email: string,
): ReturnType<SiteUseCases["saveContact"]> {
  const trimmed = email.trim();
  if (trimmed.length > LONGEST_EMAIL || !EMAIL.test(trimmed)) return { kind: "bad-email" };
  await contacts.save(session.licenseId, trimmed);
  return { kind: "saved" };
}
