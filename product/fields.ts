/** Reads a product that may hold anything, so that one wrong field doesn't hide other problems. */
export function repeated(
  entries: readonly { path: string; value: unknown }[],
  why: string,
): string[] {
  return entries
    .filter(
      ({ value }, position) =>
        typeof value === "string" &&
        entries.findIndex((earlier) => earlier.value === value) < position,
    )
    .map(({ path, value }) => `${path} is ${JSON.stringify(value)}: ${why}.`);
}

export function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
