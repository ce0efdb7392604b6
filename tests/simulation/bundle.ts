import { build, type Plugin } from "esbuild";
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { changed, type Change } from "./mutants/mutant.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * The simulation and all of the product that it plays, as one program in a folder of its own, with
 * some text changed. Throws when a change does not fit the text.
 */
export async function bundled(folder: string, changes: readonly Change[] = []): Promise<string> {
  for (const change of changes) changed(readFileSync(join(ROOT, change.file), "utf8"), change);
  const outfile = join(folder, "play.mjs");
  await build({
    entryPoints: [join(ROOT, "tests/simulation/play.ts")],
    bundle: true,
    packages: "external",
    platform: "node",
    target: "node20",
    format: "esm",
    outfile,
    logLevel: "error",
    plugins: [changing(changes)],
  });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"), "junction");
  return outfile;
}

function changing(changes: readonly Change[]): Plugin {
  return {
    name: "change the text of some files",
    setup: (esbuild) => {
      esbuild.onLoad({ filter: /\.tsx?$/ }, ({ path }) => {
        const own = changes.filter(({ file }) => join(ROOT, file) === path);
        if (own.length === 0) return undefined;
        return { contents: own.reduce(changed, readFileSync(path, "utf8")), loader: "ts" };
      });
    },
  };
}
