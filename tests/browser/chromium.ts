import { existsSync } from "node:fs";
import { chromium as playwright, type Browser } from "playwright-core";

/** No browser is downloaded: whoever installs the project has one, or is told which test wants it. */
const USUAL_PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

export type FoundChromium =
  | { readonly kind: "found"; readonly path: string }
  /** Whether that is a failure depends on who runs the tests. */
  | { readonly kind: "missing"; readonly required: boolean; readonly reason: string };

export function findChromium(env: NodeJS.ProcessEnv): FoundChromium {
  const places = env["CHROMIUM"] === undefined ? USUAL_PLACES : [env["CHROMIUM"]];
  const path = places.find((place) => existsSync(place));
  if (path !== undefined) return { kind: "found", path };
  return {
    kind: "missing",
    required: env["CI"] === "true" || (env["REQUIRE_BROWSER"] ?? "") !== "",
    reason:
      `there is no Chromium at ${places.join(" or ")}. ` +
      "Install one, or set CHROMIUM to the path of its program.",
  };
}

/** A fresh profile each time, and no traffic of the browser's own. */
export const launchChromium = (path: string): Promise<Browser> =>
  playwright.launch({
    executablePath: path,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
