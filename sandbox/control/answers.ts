import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type * as z from "zod";

/** The request's JSON, as its schema understands it; otherwise 400 with what is wrong. */
export async function bodyOf<T extends z.ZodType>(c: Context, schema: T): Promise<z.output<T>> {
  // A page of another origin can't send this type without being asked: no forged requests.
  const type = c.req.header("content-type") ?? "";
  const text = await c.req.text();
  if (text !== "" && !type.startsWith("application/json")) {
    throw new HTTPException(415, { message: "Send content-type: application/json." });
  }
  const result = schema.safeParse(parsedJson(text));
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new HTTPException(400, {
    message: `The request is not understood: ${problems.join("; ")}`,
  });
}

function parsedJson(text: string): unknown {
  try {
    return text === "" ? {} : (JSON.parse(text) as unknown);
  } catch {
    throw new HTTPException(400, { message: "The request is not JSON." });
  }
}

/** What the sandbox's world refuses becomes an answer with its own sentence. */
export function refusing<T>(status: ContentfulStatusCode, act: () => T): T {
  const refuse = (error: unknown): never => {
    throw new HTTPException(status, { message: (error as Error).message, cause: error });
  };
  try {
    const result = act();
    if (result instanceof Promise) return result.catch(refuse) as T;
    return result;
  } catch (error) {
    return refuse(error);
  }
}

export const notFound = (what: string, id: string): HTTPException =>
  new HTTPException(404, { message: `There is no ${what} ${id}.` });
