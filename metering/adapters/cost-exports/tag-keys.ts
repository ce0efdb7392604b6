/**
 * AWS writes one tag key in several ways: as it is, with its kind before it (`user:`, CUR's
 * `resourceTags/user:`), and made into a column name (`user_launchmeter_deployment`). An account's
 * own tag (`accountTag/`) is another tag. Real keys come with stray spaces.
 */
export function tagKeyTest(costTagKey: string): (key: string) => boolean {
  const names = new Set([costTagKey, curTagKey(costTagKey)]);
  return (key) => names.has(key.trim().replace(/^(?:resourceTags\/)?(?:user:)?/, ""));
}

/** A user's tag key as CUR's `resource_tags` has it: `CostCenter` is `user_cost_center`. */
export function curTagKey(key: string): string {
  const column = key
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll(/[^A-Za-z0-9]+/g, "_")
    .toLowerCase();
  return `user_${column}`;
}

/** The tag's value in JSON text; anything else carries no tag. */
export function tagIn(text: string, isKey: (key: string) => boolean): string {
  const tags = parsed(text);
  if (typeof tags !== "object" || tags === null) return "";
  const found = Object.entries(tags).find(([key]) => isKey(key))?.[1] as unknown;
  return typeof found === "string" ? found.trim() : "";
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
