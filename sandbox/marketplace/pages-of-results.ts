import { AwsError } from "../aws-service.ts";

type Input = Readonly<Record<string, unknown>>;

/** A page of a list, as the Agreement API cuts it: `maxResults`, `nextToken`. */
export function pageOf<T>(all: readonly T[], input: Input, maxSize: number) {
  const { maxResults, nextToken } = input;
  const size = maxResults ?? maxSize;
  if (typeof size !== "number" || !Number.isInteger(size) || size < 1 || size > maxSize) {
    throw new AwsError("ValidationException", `maxResults must be between 1 and ${maxSize}.`);
  }
  const from = startOf(nextToken);
  const end = from + size;
  return {
    items: all.slice(from, end),
    nextToken: end < all.length ? Buffer.from(`at ${end}`).toString("base64url") : undefined,
  };
}

function startOf(token: unknown): number {
  if (token === undefined || token === null) return 0;
  const text = Buffer.from(String(token as string), "base64url").toString();
  const [, position] = /^at (\d+)$/.exec(text) ?? [];
  if (position !== undefined) return Number(position);
  throw new AwsError("ValidationException", "The nextToken is not valid.");
}
