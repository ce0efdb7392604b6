import { createHash } from "node:crypto";
import { AwsError } from "../aws-service.ts";

/**
 * The object in a PutObject's body. SDKs that stream send it in chunks of their own
 * (`aws-chunked`), each headed by its length in hex, trailers after the last.
 */
export function objectIn(headers: Headers, body: Buffer): Buffer {
  const chunked = headers.get("content-encoding")?.includes("aws-chunked") === true;
  const object = chunked ? joinChunks(body) : body;
  const digest = headers.get("content-md5");
  if (digest !== null && createHash("md5").update(object).digest("base64") !== digest) {
    throw new AwsError(
      "BadDigest",
      "The Content-MD5 you specified did not match what we received.",
    );
  }
  const declared = headers.get("x-amz-decoded-content-length");
  if (declared !== null && Number(declared) !== object.byteLength) {
    throw new AwsError(
      "IncompleteBody",
      "The body is not as long as x-amz-decoded-content-length.",
    );
  }
  return object;
}

function joinChunks(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = body.indexOf("\r\n", at);
    const size = Number.parseInt(body.toString("latin1", at, lineEnd).split(";")[0] ?? "", 16);
    if (lineEnd === -1 || Number.isNaN(size)) {
      throw new AwsError("IncompleteBody", "A chunk of the body does not begin with its length.");
    }
    if (size === 0) return Buffer.concat(parts);
    parts.push(body.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}
