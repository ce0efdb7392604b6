import { refuse } from "../template/template.ts";
import type { Engine } from "../stacks/engine.ts";

/** protocol-facts B2: inline, and by URL. */
const MAX_INLINE_BYTES = 51_200;
const MAX_STORED_BYTES = 1_000_000;
const MAX_URL_LENGTH = 5_120;

export interface TemplateSource {
  readonly body?: string | undefined;
  readonly url?: string | undefined;
  /** The text an update keeps: it may be larger than an inline one. */
  readonly kept?: string | undefined;
}

/** The template's text, from the request or from S3; nothing else may hold a template. */
export function templateText(engine: Engine, { body, url, kept }: TemplateSource): string {
  if (kept !== undefined) return kept;
  if (body !== undefined && url !== undefined) {
    refuse("You cannot specify more than one of TemplateBody and TemplateURL.");
  }
  if (body !== undefined) {
    if (Buffer.byteLength(body) > MAX_INLINE_BYTES) {
      refuse(
        "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: " +
          `Member must have length less than or equal to ${MAX_INLINE_BYTES}`,
      );
    }
    return body;
  }
  if (url === undefined) refuse("Either Template URL or Template Body must be specified.");
  return storedTemplate(engine, url);
}

function storedTemplate(engine: Engine, url: string): string {
  if (url.length > MAX_URL_LENGTH) {
    refuse(`TemplateURL must not be longer than ${MAX_URL_LENGTH} characters.`);
  }
  const path = s3Path(url, engine.context.origin());
  if (path === undefined) {
    refuse(
      `TemplateURL must be a supported URL: an Amazon S3 object of this sandbox ` +
        `(${engine.context.origin()}/<bucket>/<key>), not ${url}`,
    );
  }
  const { bucket, key } = path;
  if (engine.buckets.get(bucket) === undefined) {
    refuse(`S3 error: The specified bucket does not exist (${bucket}).`);
  }
  const stored = engine.buckets.getObject(bucket, key);
  if (stored === undefined) refuse(`S3 error: The specified key does not exist (${key}).`);
  if (stored.body.byteLength > MAX_STORED_BYTES) {
    refuse(`Template may not exceed ${MAX_STORED_BYTES} bytes in size.`);
  }
  return stored.body.toString("utf8");
}

/** S3's own host names, and the sandbox's origin, which stands for them (protocol-facts B1). */
function s3Path(url: string, origin: string): { bucket: string; key: string } | undefined {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return undefined;
  }
  const path = decodeURIComponent(parsed.pathname.slice(1));
  const pathStyle = () => {
    const slash = path.indexOf("/");
    return slash < 1 || slash === path.length - 1
      ? undefined
      : { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
  };
  const own = new URL(origin);
  if (["127.0.0.1", "localhost"].includes(parsed.hostname) && parsed.port === own.port) {
    return pathStyle();
  }
  if (parsed.protocol !== "https:") return undefined;
  if (/^s3[.-]([a-z0-9-]+\.)?amazonaws\.com(\.cn)?$/.test(parsed.host)) return pathStyle();
  const bucket = /^(.+)\.s3[.-]([a-z0-9-]+\.)?amazonaws\.com(\.cn)?$/.exec(parsed.host)?.[1];
  return bucket === undefined || path === "" ? undefined : { bucket, key: path };
}
