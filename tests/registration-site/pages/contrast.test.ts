import { describe, expect, it } from "vitest";
import { tokens } from "../../../registration-site/views/stylesheet/tokens.ts";

/** WCAG 2.2, "contrast ratio". */
function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const channel = Number.parseInt(hex.slice(start, start + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const coloursOf = (css: string) =>
  Object.fromEntries(
    [...css.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name = "", hex = ""]) => [
      name,
      hex,
    ]),
  );

const [light = "", dark = ""] = tokens.split("@media (prefers-color-scheme: dark)");
const schemes = { light: coloursOf(light), dark: coloursOf(dark) };

const text = [
  ["ink", "ground"],
  ["ink", "raised"],
  ["soft", "ground"],
  ["soft", "raised"],
  ["accent", "ground"],
  ["accent", "raised"],
  ["accent", "accent-wash"],
  ["accent", "good-wash"],
  ["accent", "warn-wash"],
  ["on-accent", "accent"],
  ["on-accent", "accent-strong"],
  ["good", "good-wash"],
  ["good", "ground"],
  ["warn", "warn-wash"],
  ["bad", "bad-wash"],
  ["bad", "ground"],
  ["ink", "warn-wash"],
  ["ink", "bad-wash"],
] as const;

/** Borders of controls, and marks in the chart that mean something. */
const graphics = [
  ["edge", "ground"],
  ["edge", "raised"],
  ["accent", "ground"],
  ["rated", "ground"],
  ["bar", "ground"],
] as const;

describe.each(["light", "dark"] as const)("the %s scheme", (scheme) => {
  const colour = (name: string) => {
    const hex = schemes[scheme][name];
    if (hex === undefined) throw new Error(`no colour ${name} in the ${scheme} scheme`);
    return hex;
  };

  it.each(text)("lets text in %s be read on %s", (front, ground) =>
    expect(contrast(colour(front), colour(ground))).toBeGreaterThanOrEqual(4.5),
  );

  it.each(graphics)("lets %s be seen on %s", (front, ground) =>
    expect(contrast(colour(front), colour(ground))).toBeGreaterThanOrEqual(3),
  );
});
