import * as z from "zod";

export const usd = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .describe("Exact decimal amount in USD");
export const decimal = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .describe("Exact decimal number");
export const count = z.int().min(0);
export const instant = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/)
  .describe("ISO 8601, UTC");
export const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
export const month = z.string().regex(/^\d{4}-\d{2}$/);
