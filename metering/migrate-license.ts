import { HOUR } from "./domain/calendar.ts";
import type { ChainKey } from "./domain/chain.ts";
import type { Instant, License } from "./domain/license.ts";
import { MIGRATION_LEAD_MS } from "./domain/limits.ts";
import type { Clock, Ledger, Licenses } from "./ports.ts";

export type Migration =
  | { readonly kind: "set"; readonly license: License }
  | { readonly kind: "refused"; readonly message: string };

/**
 * Moves a license from ProductCode to LicenseArn at the start of an hour: every record stamped
 * before it names the product, every later one the license, so that no hour ever sees both, which
 * AWS would bill twice (protocol-facts A4).
 *
 * A record keeps the way it was sealed with. So no hour may change sides that may be sealed
 * already: neither the newest sealed one, nor what a worker is sealing right now with the license
 * as it read it, which the lead is for. An hour that was chosen can be moved on the same terms.
 */
export async function migrateLicense(
  deps: {
    readonly clock: Clock;
    readonly licenses: Licenses;
    readonly ledger: Pick<Ledger, "head">;
    readonly dimensions: readonly { readonly name: string }[];
  },
  licenseId: string,
  at: Instant,
): Promise<Migration> {
  const newest = await newestSealedHour(deps, licenseId);
  let refusal: string | undefined;
  const license = await deps.licenses.update(licenseId, (known) => {
    refusal = whyNot(known, licenseId, at, deps.clock.now(), newest);
    if (refusal !== undefined || known === undefined) return known;
    return { ...known, legacy: { ...known.legacy, until: at } };
  });
  if (refusal !== undefined || license === undefined) {
    return { kind: "refused", message: refusal ?? unknown(licenseId) };
  }
  return { kind: "set", license };
}

function whyNot(
  license: License | undefined,
  licenseId: string,
  at: Instant,
  now: Instant,
  newestSealed: Instant | undefined,
): string | undefined {
  if (license === undefined) return unknown(licenseId);
  if (license.legacy === undefined) {
    return `The license ${licenseId} is metered by LicenseArn already: nothing to migrate.`;
  }
  const earliest = Math.ceil((now + MIGRATION_LEAD_MS) / HOUR) * HOUR;
  const advice = `The earliest hour now is ${text(earliest)}.`;
  if (at % HOUR !== 0) {
    return `${text(at)} is not the start of a UTC hour. AWS bills by the hour, so the change can only be between two. ${advice}`;
  }
  if (at < earliest) {
    return `${text(at)} is past or too near: a worker may be sealing that hour by ProductCode right now. ${advice}`;
  }
  const { until } = license.legacy;
  if (until !== undefined && until < earliest) {
    return `The license ${licenseId} changes to LicenseArn at ${text(until)}, and its records may be sealed so already. It can't be moved any more.`;
  }
  if (newestSealed !== undefined && newestSealed >= at) {
    return `The hour ${text(newestSealed)} is sealed already, so it can't change sides. Choose a later one.`;
  }
  return undefined;
}

/** Over all dimensions: one buyer and hour must not see both, whatever the dimension. */
async function newestSealedHour(
  deps: Parameters<typeof migrateLicense>[0],
  licenseId: string,
): Promise<Instant | undefined> {
  const heads = await Promise.all(
    deps.dimensions.map(({ name }) => {
      const key: ChainKey = { licenseId, dimension: name };
      return deps.ledger.head(key);
    }),
  );
  const hours = heads.flatMap((head) => (head === undefined ? [] : [head.hour]));
  return hours.length === 0 ? undefined : Math.max(...hours);
}

const text = (instant: Instant) => new Date(instant).toISOString();
const unknown = (licenseId: string) =>
  `No license ${licenseId} is known. A license is known once AWS Marketplace has said License Updated.`;
