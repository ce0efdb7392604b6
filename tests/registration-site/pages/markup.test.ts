import { describe, expect, it } from "vitest";
import { samplePages } from "./sample-pages.ts";
import { ORIGIN, SESSION_TOKEN, type TestSite } from "./site.ts";

const cookie = `session=${SESSION_TOKEN}`;

const valuesOf = (page: string, attribute: string) =>
  [...page.matchAll(new RegExp(`\\s${attribute}="([^"]*)"`, "g"))].map(([, value = ""]) => value);

/** Without the session of the sample site where the page is for strangers. */
async function render(site: TestSite, path: string, signedIn: boolean): Promise<string> {
  const response = await site.app.request(path, { headers: signedIn ? { cookie } : {} });
  return response.text();
}

describe.each(samplePages())("the markup of $name", ({ path, signedIn, site }) => {
  const served = site(ORIGIN);
  const page = render(served, path, signedIn);

  it("has one main, one h1, a language and a title", async () => {
    const html = await page;

    expect(html.match(/<main\b/g)).toHaveLength(1);
    expect(html.match(/<h1\b/g)).toHaveLength(1);
    expect(html).toContain('<html lang="en">');
    expect(html).toMatch(/<title>[^<]{5,}<\/title>/);
  });

  it("has no id twice, and every reference leads to one", async () => {
    const html = await page;

    const ids = valuesOf(html, "id");
    expect(new Set(ids).size).toBe(ids.length);
    const references = ["for", "form", "aria-labelledby", "aria-describedby", "data-copy"].flatMap(
      (attribute) => valuesOf(html, attribute).flatMap((value) => value.split(" ")),
    );
    const anchors = valuesOf(html, "href").filter((href) => href.startsWith("#"));
    for (const id of [...references, ...anchors.map((href) => href.slice(1))]) {
      expect(ids).toContain(id);
    }
  });

  it("leads nowhere that does not exist", async () => {
    const internal = valuesOf(await page, "href").filter((href) => href.startsWith("/"));

    for (const href of new Set(internal)) {
      const response = await served.app.request(href, { headers: { cookie } });
      expect(response.status, href).toBeLessThan(400);
    }
  });

  it("puts a CSRF token into every form of a signed-in buyer", async () => {
    const forms = (await page).split("<form").slice(1);

    for (const form of forms) {
      const isPublic = form.includes('action="/email"');
      expect(form.slice(0, form.indexOf("</form>")).includes('name="csrf"')).toBe(!isPublic);
    }
  });
});
