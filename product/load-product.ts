import { access } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Product } from "./definition.ts";
import type { ProductInput } from "./input.ts";
import { defineProduct, ProductRefused } from "./define-product.ts";

/** Comes with the package, and loads from any folder that the package is installed for. */
const EXAMPLE = fileURLToPath(new URL("../product.config.ts", import.meta.url));

/**
 * The product that a `product.config.ts` describes.
 *
 * Throws an `Error` whose message tells the seller which file it is about and what to do.
 */
export async function loadProduct(path: string): Promise<Product> {
  const file = resolve(path);
  await access(file).catch((cause: unknown) => {
    throw new Error(
      `No product configuration at ${file}. Copy the example ${EXAMPLE} there and edit it, or pass --config with another path.`,
      { cause },
    );
  });
  const module = await imported(file);
  if (module.default === undefined) {
    throw new Error(
      `${file} has no default export. End it with: export default defineProduct({ … });`,
    );
  }
  try {
    // Checked again: the file may export a plain object, or come from another copy of this package.
    return defineProduct(module.default as ProductInput);
  } catch (error) {
    throw inFile(file, error);
  }
}

async function imported(file: string): Promise<{ readonly default?: unknown }> {
  try {
    return (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
  } catch (error) {
    throw inFile(file, error);
  }
}

function inFile(file: string, error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  return error instanceof ProductRefused || isNamed(error, "ProductRefused")
    ? new Error(`${file} was refused. ${message}`, { cause: error })
    : new Error(`${file} could not be loaded: ${message}`, { cause: error });
}

const isNamed = (error: unknown, name: string) => error instanceof Error && error.name === name;
