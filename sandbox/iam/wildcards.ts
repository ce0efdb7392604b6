/** `*` any text, `?` any one character; everything else is itself. */
export function wildcardMatch(pattern: string, text: string): boolean {
  let [at, from, star, starFrom] = [0, 0, -1, 0];
  while (from < text.length) {
    if (at < pattern.length && pattern[at] === "*") {
      star = at;
      starFrom = from;
      at += 1;
    } else if (at < pattern.length && (pattern[at] === "?" || pattern[at] === text[from])) {
      at += 1;
      from += 1;
    } else if (star >= 0) {
      // The last star swallows one more character.
      starFrom += 1;
      at = star + 1;
      from = starFrom;
    } else return false;
  }
  while (pattern[at] === "*") at += 1;
  return at === pattern.length;
}

/** Policies write one value where others write a list. */
export const asList = (value: unknown): unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];
