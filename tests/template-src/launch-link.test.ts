import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commercialRegions, partitionOf, regionsOf } from "../../product/regions.ts";
import {
  launchButtonHtml,
  launchButtonMarkdown,
  launchButtonSvg,
} from "../../template-src/publish/launch-button.ts";
import { launchUrl, type LaunchLinkInput } from "../../template-src/publish/launch-link.ts";

const TEMPLATE_URL =
  "https://launch-stacks.s3.us-east-1.amazonaws.com/analytics/1.0.0/template.json";

const aLink = (changes: Partial<LaunchLinkInput> = {}): LaunchLinkInput => ({
  region: "eu-central-1",
  templateUrl: TEMPLATE_URL,
  stackName: "fernhollow-analytics",
  parameters: { InstallCode: "K7Q2-9F3M-XW4T" },
  ...changes,
});

/** What a console reads out of the link. */
function read(link: string) {
  const url = new URL(link);
  const [path, query = ""] = url.hash.slice(1).split("?");
  return {
    origin: url.origin,
    region: url.searchParams.get("region"),
    path,
    values: Object.fromEntries(new URLSearchParams(query)),
  };
}

describe("a launch link", () => {
  it("is the documented quick-create form", () => {
    expect(launchUrl(aLink())).toBe(
      "https://eu-central-1.console.aws.amazon.com/cloudformation/home?region=eu-central-1" +
        "#/stacks/create/review?templateURL=https%3A%2F%2Flaunch-stacks.s3.us-east-1.amazonaws.com%2Fanalytics%2F1.0.0%2Ftemplate.json" +
        "&stackName=fernhollow-analytics&param_InstallCode=K7Q2-9F3M-XW4T",
    );
  });

  it.each(commercialRegions)("opens the console in %s", (region) => {
    expect(read(launchUrl(aLink({ region })))).toMatchObject({
      origin: `https://${region}.console.aws.amazon.com`,
      region,
      path: "/stacks/create/review",
    });
  });

  it.each([
    ["cn-north-1", "https://cn-north-1.console.amazonaws.cn", "amazonaws.com.cn"],
    ["us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com", "amazonaws.com"],
    ["eusc-de-east-1", "https://eusc-de-east-1.console.amazonaws-eusc.eu", "amazonaws.eu"],
  ])("goes to the console of its partition from %s", (region, origin, suffix) => {
    const templateUrl = `https://bucket.s3.${region}.${suffix}/template.json`;

    expect(read(launchUrl(aLink({ region, templateUrl }))).origin).toBe(origin);
  });

  it("carries every value through to the console unchanged", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.stringMatching(/^[A-Za-z0-9]{1,20}$/),
          fc.string({ unit: "grapheme", maxLength: 12 }),
          { maxKeys: 4 },
        ),
        fc.stringMatching(/^[A-Za-z][-A-Za-z0-9]{0,40}$/),
        fc.constantFrom(...Object.values(regionsOf).flat()),
        (parameters, stackName, region) => {
          const partition = partitionOf(region)!;
          const suffix = { aws: "com", "aws-cn": "com.cn", "aws-us-gov": "com", "aws-eusc": "eu" };
          const templateUrl = `https://b-1.s3.${region}.amazonaws.${suffix[partition]}/a+b/t.json?versionId=x%2By`;
          const { values } = read(launchUrl({ region, templateUrl, stackName, parameters }));

          expect(values).toEqual({
            templateURL: templateUrl,
            stackName,
            ...Object.fromEntries(Object.entries(parameters).map(([k, v]) => [`param_${k}`, v])),
          });
        },
      ),
    );
  });

  it("can stand in Markdown and HTML: it holds no bracket, quote or blank", () => {
    const link = launchUrl(aLink({ parameters: { Note: `a (b) [c] <d> "e" 'f' *g* !` } }));

    expect(link).not.toMatch(/[()[\]<>"'*!\s]/);
  });

  it("is refused when the console would cut it", () => {
    const parameters = { InstallCode: "x".repeat(900) };

    expect(() => launchUrl(aLink({ parameters }))).toThrow(
      /^The launch link has \d{4} characters and the console takes at most 1024: shorten .*InstallCode/,
    );
  });

  it("fits with everything a launch needs and a long template URL", () => {
    const link = launchUrl(
      aLink({
        templateUrl: `https://bucket.s3.us-east-1.amazonaws.com/${"p".repeat(300)}/template.json`,
        parameters: {
          InstallCode: "K7Q2-9F3M-XW4T",
          ExternalIds: `${"a".repeat(36)},${"b".repeat(36)}`,
          Size: "production",
        },
      }),
    );

    expect(link.length).toBeLessThanOrEqual(1024);
  });

  it.each([
    "https://s3.us-east-1.amazonaws.com/bucket/template.json",
    "https://s3-us-west-2.amazonaws.com/bucket/template.json",
    "https://bucket.with.dots.s3.eu-west-1.amazonaws.com/template.json",
    "https://bucket.s3.amazonaws.com/template.json",
  ])("takes the S3 address %s", (templateUrl) => {
    expect(read(launchUrl(aLink({ templateUrl }))).values.templateURL).toBe(templateUrl);
  });

  it.each([
    ["http", "http://bucket.s3.us-east-1.amazonaws.com/template.json"],
    ["a CDN", "https://d111111abcdef8.cloudfront.net/template.json"],
    ["a website endpoint", "https://bucket.s3-website-us-east-1.amazonaws.com/template.json"],
    ["a look-alike", "https://bucket.s3.us-east-1.amazonaws.com.evil.example/template.json"],
    ["a look-alike", "https://evil-s3.us-east-1.amazonaws.com.cn/template.json"],
    ["a bucket in another partition", "https://b-1.s3.cn-north-1.amazonaws.com.cn/template.json"],
    ["a GovCloud bucket", "https://b-1.s3.us-gov-west-1.amazonaws.com/template.json"],
    ["no key", "https://bucket.s3.us-east-1.amazonaws.com/"],
    ["a port", "https://bucket.s3.us-east-1.amazonaws.com:8443/template.json"],
    ["credentials", "https://user:word@bucket.s3.us-east-1.amazonaws.com/template.json"],
    ["a fragment", "https://bucket.s3.us-east-1.amazonaws.com/template.json#x"],
    ["no URL", "template.json"],
  ])("refuses %s as the template's place: %s", (_what, templateUrl) => {
    expect(() => launchUrl(aLink({ templateUrl }))).toThrow(
      /^The template URL .* (must|is no URL)/,
    );
  });

  it.each([
    ["an unknown region", { region: "evil.com/" }, /no AWS region that we know/],
    ["a stack name that begins with a digit", { stackName: "1st" }, /is no stack name/],
    ["a stack name of 129 characters", { stackName: "a".repeat(129) }, /is no stack name/],
    ["a parameter name with a blank", { parameters: { "a b": "x" } }, /is no parameter name/],
  ])("refuses %s", (_what, changes, message) => {
    expect(() => launchUrl(aLink(changes))).toThrow(message);
  });
});

describe("a launch link into a local console", () => {
  const consoleOrigin = "http://127.0.0.1:4100";

  it("opens there, with a template that it serves itself", () => {
    const templateUrl = `${consoleOrigin}/templates/1.0.0/template.json`;
    const link = launchUrl(aLink({ templateUrl, consoleOrigin }));

    expect(read(link)).toMatchObject({ origin: consoleOrigin, path: "/stacks/create/review" });
  });

  it("takes no template from a third place", () => {
    const templateUrl = "http://127.0.0.1:9999/template.json";

    expect(() => launchUrl(aLink({ templateUrl, consoleOrigin }))).toThrow(/for this console/);
  });
});

describe("the button", () => {
  it("is one self-contained image with a name and no font", () => {
    const svg = launchButtonSvg();

    expect(svg).toContain('role="img" aria-label="Launch Stack"');
    expect(svg).toContain("<title>Launch Stack</title>");
    expect(svg).not.toMatch(/<text|font|<style|<script|href|NaN|undefined/);
    expect(svg).toBe(launchButtonSvg());
  });

  it("stands in HTML without letting a link out of its attribute", () => {
    const html = launchButtonHtml(`https://a/?x="><script>&y`, "/launch.svg");

    expect(html).toContain('href="https://a/?x=&#34;&#62;&#60;script&#62;&#38;y"');
    expect(html).toContain('alt="Launch Stack"');
    expect(html).toContain('rel="noopener noreferrer"');
  });

  it("stands in Markdown as a linked image", () => {
    const link = launchUrl(aLink());

    expect(launchButtonMarkdown(link, "docs/launch.svg")).toBe(
      `[![Launch Stack](docs/launch.svg)](${link})`,
    );
  });
});
