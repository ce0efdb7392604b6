import { randomBytes } from "node:crypto";

/** What came by PUT to a ResponseURL, before anybody checked it. */
export type Arrival =
  { readonly kind: "body"; readonly text: string } | { readonly kind: "too-long" };

/**
 * The presigned URLs that custom resources answer to. Like S3's, each takes a PUT without a
 * content type, because the signature covers an empty one.
 */
export interface ResponseUrls {
  open(receive: (arrival: Arrival) => void): { readonly url: string; close(): void };
  /** Answers undefined when the path is not a response URL. */
  fetch(request: Request): Promise<Response | undefined>;
}

const PATH = "/custom-resource-response/";
const MAX_BYTES = 4096; // protocol-facts B5

export function createResponseUrls({ origin }: { origin: () => string }): ResponseUrls {
  const receivers = new Map<string, (arrival: Arrival) => void>();
  const ignore = () => undefined;
  return {
    open(receive) {
      // Whoever knows the URL may answer, so it must not follow from the sandbox's seed.
      const token = randomBytes(24).toString("base64url");
      receivers.set(token, receive);
      return {
        url: `${origin()}${PATH}${token}`,
        // The URL itself lives on: a late answer is taken and ignored, as by S3.
        close: () => void receivers.set(token, ignore),
      };
    },
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (!pathname.startsWith(PATH)) return undefined;
      const receive = receivers.get(pathname.slice(PATH.length));
      if (receive === undefined) return refusal(403, "AccessDenied", "Request has expired");
      if (request.method !== "PUT") {
        return refusal(
          403,
          "SignatureDoesNotMatch",
          `The URL was signed for PUT, not ${request.method}.`,
        );
      }
      if ((request.headers.get("content-type") ?? "") !== "") {
        return refusal(
          403,
          "SignatureDoesNotMatch",
          "The URL was signed for an empty content type. Send the header content-type with an empty value.",
        );
      }
      if (request.headers.get("content-length") === null) {
        return refusal(
          411,
          "MissingContentLength",
          "You must provide the Content-Length HTTP header.",
        );
      }
      const body = await request.text();
      receive(
        Buffer.byteLength(body) > MAX_BYTES ? { kind: "too-long" } : { kind: "body", text: body },
      );
      return new Response(null, { status: 200 });
    },
  };
}

function refusal(status: number, code: string, message: string): Response {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return new Response(body, { status, headers: { "content-type": "application/xml" } });
}
