import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

/**
 * The callback as one CommonJS file for `Code.ZipFile`: no asset, so no bucket in every region.
 *
 * Names and line breaks are kept: a buyer's engineer reads this code in the template. Everything
 * that could differ between machines is fixed, because the template's bytes are its identity.
 */
export function bundleCallback(): string {
  const folder = fileURLToPath(new URL("./callback/", import.meta.url));
  const result = buildSync({
    absWorkingDir: folder,
    entryPoints: ["index.ts"],
    bundle: true,
    write: false,
    // "node" would add notes for module loaders that never see this file.
    platform: "neutral",
    external: ["node:*"],
    // The function's runtime is newer; this is the oldest Node that the sandbox may run it with.
    target: "node20",
    format: "cjs",
    charset: "ascii",
    legalComments: "none",
    tsconfigRaw: { compilerOptions: { target: "es2023", verbatimModuleSyntax: true } },
    logLevel: "silent",
  });
  const code = result.outputFiles[0]?.text;
  if (code === undefined) throw new Error("esbuild produced no callback");
  // What is left of comments: the name of each source file, and notes inside expressions and objects.
  return code
    .replace(/^\s*\/\/ .*\n/gm, "")
    .replace(/^\s*\/\*\*[^]*?\*\/\n/gm, "")
    .replaceAll("/* @__PURE__ */ ", "")
    .replace(/\n{2,}/g, "\n");
}
