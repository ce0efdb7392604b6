import { createHash } from "node:crypto";
import { copyScript } from "./copy-script.ts";
import { icon } from "./icon.ts";
import { stylesheet } from "./stylesheet/stylesheet.ts";

/** A file whose address contains the hash of its content, so that it can be cached for good. */
export interface Asset {
  readonly path: string;
  readonly contentType: string;
  readonly body: string;
}

function asset(name: string, extension: string, contentType: string, body: string): Asset {
  const hash = createHash("sha256").update(body).digest("hex").slice(0, 16);
  return { path: `/assets/${name}.${hash}.${extension}`, contentType, body };
}

export const assets = {
  stylesheet: asset("site", "css", "text/css; charset=utf-8", stylesheet),
  copyScript: asset("copy", "js", "text/javascript; charset=utf-8", copyScript),
  icon: asset("icon", "svg", "image/svg+xml", icon),
} as const;
