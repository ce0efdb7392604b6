import { jwtVerify, SignJWT } from "jose";
import type { Clock } from "../../metering/ports.ts";
import { USAGE_TOKEN_LIFE_MS, usageTokenAudience } from "../domain/usage-token.ts";
import type { UsageTokens } from "../usage-use-cases.ts";

export interface UsageTokenKey {
  /** Stands in each token, so that the one before is still good while it is replaced. */
  readonly id: string;
  readonly secret: Uint8Array;
}

export interface UsageTokensDeps {
  readonly clock: Clock;
  /** The site's origin: issuer of the tokens, and the beginning of their audience. */
  readonly origin: string;
  /**
   * Newest first: the first one signs, all of them verify. To rotate, put a new one in front, and
   * take the old one away once its last token has ended. Asked at each use.
   */
  readonly keys: () => readonly UsageTokenKey[];
}

/** Only what this very file signs: one algorithm, one type, and never what the token says of it. */
const ALGORITHM = "HS256";
const TYPE = "launchmeter-usage+jwt";
/** RFC 7518 §3.2: a key of HS256 is at least as long as its hash. */
const SHORTEST_SECRET = 32;
const LONGEST_TOKEN = 2_048;

/** Usage tokens as signed JWTs. They are never logged and never stored. */
export function usageTokens({ clock, origin, keys }: UsageTokensDeps): UsageTokens {
  const audience = usageTokenAudience(origin);
  const currentKeys = () => {
    const current = keys();
    if (current.length === 0) throw new Error("there is no key for usage tokens");
    for (const { id, secret } of current) {
      if (secret.length >= SHORTEST_SECRET) continue;
      throw new Error(`the key ${JSON.stringify(id)} for usage tokens is shorter than 32 bytes`);
    }
    return current;
  };
  currentKeys();
  return {
    async issue({ deploymentId, licenseId }, expiresAt) {
      const [key] = currentKeys();
      if (key === undefined) throw new Error("there is no key for usage tokens");
      return new SignJWT({ license: licenseId })
        .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: key.id })
        .setSubject(deploymentId)
        .setIssuer(origin)
        .setAudience(audience)
        .setIssuedAt(Math.floor(clock.now() / 1_000))
        .setExpirationTime(Math.floor(expiresAt / 1_000))
        .sign(key.secret);
    },
    async verify(token) {
      if (token.length > LONGEST_TOKEN) return undefined;
      const current = currentKeys();
      try {
        const { payload } = await jwtVerify(
          token,
          ({ kid }) => {
            const key = current.find(({ id }) => id === kid);
            if (key === undefined) throw new Error("no such key");
            return key.secret;
          },
          {
            algorithms: [ALGORITHM],
            typ: TYPE,
            issuer: origin,
            audience,
            currentDate: new Date(clock.now()),
            maxTokenAge: USAGE_TOKEN_LIFE_MS / 1_000,
            requiredClaims: ["exp", "iat", "sub"],
          },
        );
        const { sub, license } = payload;
        if (typeof sub !== "string" || typeof license !== "string") return undefined;
        return { deploymentId: sub, licenseId: license };
      } catch {
        // Whatever is wrong with it, the sender is told the same and the log nothing.
        return undefined;
      }
    },
  };
}
