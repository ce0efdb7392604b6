import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import * as z from "zod";
import type { CallbackRefusal } from "../../template-src/contract.ts";
import type { SiteDeps, SiteEnv } from "./site-deps.ts";

const CALLBACK_BODY_LIMIT_BYTES = 64 * 1024;

/** Shape and size only; what the values mean is for the verification of the proof to judge. */
const envelope = z.object({
  payload: z.string().min(2).max(32_768),
  proof: z.object({
    accessKeyId: z.string().min(1).max(256),
    sessionToken: z.string().min(1).max(16_384),
    region: z.string().min(1).max(64),
    date: z.string().regex(/^\d{8}T\d{6}Z$/),
    signature: z.string().regex(/^[0-9a-f]{64}$/),
  }),
});

/** Read by the stack and shown in the CloudFormation console, so words as well as a code. */
export const callbackRefusal = (code: string, message: string): CallbackRefusal => ({
  error: { code, message },
});

const malformed = callbackRefusal(
  "malformed-request",
  "The registration request was not understood: it has to be JSON with a payload and a proof, as the template's own function sends it. Nothing was registered. Launch the stack again from the published template.",
);

const tooLarge = callbackRefusal(
  "request-too-large",
  "The registration request was larger than 64 KB, which the published template never sends. Nothing was registered.",
);

export const callbackFailure = callbackRefusal(
  "site-failure",
  "The registration site failed to handle the request; the fault is recorded. Nothing was lost: try again in a few minutes.",
);

/** Answers never repeat anything that was sent: the sender is a stranger until proven. */
export function callbackRoutes(deps: SiteDeps): Hono<SiteEnv> {
  const app = new Hono<SiteEnv>();
  app.post(
    "/callback",
    bodyLimit({ maxSize: CALLBACK_BODY_LIMIT_BYTES, onError: (c) => c.json(tooLarge, 413) }),
    async (c) => {
      const parsed = envelope.safeParse(jsonOrUndefined(await c.req.text()));
      if (!parsed.success) return c.json(malformed, 400);
      const outcome = await deps.useCases.callback(parsed.data);
      switch (outcome.kind) {
        case "accepted":
          return c.json(outcome.answer);
        case "refused":
          if (outcome.status === 503) c.header("retry-after", "5");
          return c.json(outcome.refusal, outcome.status);
      }
    },
  );
  return app;
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
