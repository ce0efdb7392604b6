import { describe, expect, it } from "vitest";
import { arrows, bundles, packages } from "./tidy/arrows.ts";
import { codeRules } from "./tidy/code-rules.ts";
import { paperRules } from "./tidy/paper-rules.ts";
import { readRepository, type Rule } from "./tidy/repository.ts";

/**
 * The house rules, on the files as they are.
 *
 * Each rule is also shown files that break it: one that can't fail proves nothing.
 */
const repository = readRepository();
const rules: readonly Rule[] = [arrows, bundles, packages, ...codeRules, ...paperRules];

describe.each(rules)("$name", (rule) => {
  it("holds", () => {
    expect(rule.broken(repository)).toEqual([]);
  });

  it.each(rule.planted)("is seen broken in $path: $text", ({ path, text }) => {
    const before = new Set(rule.broken(repository));
    const after = rule.broken(new Map([...repository, [path, text]]));

    expect(after.filter((breach) => !before.has(breach))).not.toEqual([]);
  });
});
