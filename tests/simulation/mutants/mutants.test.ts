import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { changed, type Mutant } from "./mutant.ts";

const names = readdirSync(new URL(".", import.meta.url)).filter((file) =>
  file.endsWith(".mutant.ts"),
);

it.each(names)("%s still fits the code", async (file) => {
  const { mutant } = (await import(`./${file}`)) as { mutant: Mutant };
  for (const change of mutant.changes) {
    const text = readFileSync(new URL(`../../../${change.file}`, import.meta.url), "utf8");
    expect(changed(text, change)).not.toBe(text);
  }
});
