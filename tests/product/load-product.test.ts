import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { loadProduct } from "../../product/load-product.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "product-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function aConfig(name: string, source: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, source);
  return file;
}

it("loads the example product by its path", async () => {
  expect((await loadProduct("product.config.ts")).name).toBe("fernhollow-analytics");
});

it("says which file is missing and what to do", async () => {
  await expect(loadProduct(join(folder, "absent.ts"))).rejects.toThrow(
    /^No product configuration at .*absent\.ts\. Copy the example \/.*\/product\.config\.ts there .* pass --config/,
  );
});

it("says how a file without a default export must end", async () => {
  const file = await aConfig("empty.mjs", "export const product = {};");

  await expect(loadProduct(file)).rejects.toThrow(
    /empty\.mjs has no default export\. End it with: export default defineProduct/,
  );
});

it("names the file when its product is refused", async () => {
  const file = await aConfig("wrong.mjs", "export default { title: 'x' };");

  await expect(loadProduct(file)).rejects.toThrow(
    /wrong\.mjs was refused\. The product has \d+ pr/,
  );
});

it("names the file when it can't be loaded", async () => {
  const file = await aConfig("broken.mjs", "throw new Error('out of paper');");

  await expect(loadProduct(file)).rejects.toThrow(/broken\.mjs could not be loaded: out of paper/);
});
