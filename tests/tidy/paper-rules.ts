import { dirname, join, normalize } from "node:path";
import { filesWhere, isMarkdown, isSource, type Repository, type Rule } from "./repository.ts";

/** The rules themselves have to spell what they forbid. */
const isRule = (path: string) => path.startsWith("tests/tidy/");

const NAMED_BY_CUSTOM = /^(?:README|CONTRIBUTING|CHANGELOG)\.md$|^LICENSE$/;
const KEBAB = /^\.?[a-z0-9]+(?:[-.][a-z0-9]+)*$/;

const fileNames: Rule = {
  name: "files and folders are named in kebab case",
  broken: (files) =>
    [...files.keys()].flatMap((path) =>
      path
        .split("/")
        .filter((part) => !KEBAB.test(part) && !NAMED_BY_CUSTOM.test(part))
        .map((part) => `${path}: ${part}`),
    ),
  planted: [
    { path: "metering/rateLicense.ts", text: "" },
    { path: "metering/Domain/x.ts", text: "" },
    { path: "docs/my_guide.md", text: "" },
  ],
};

const DRAWERS = ["common", "utils", "util", "types", "shared", "helpers", "models", "misc", "lib"];

const noDrawers: Rule = {
  name: "no folder and no file is a drawer for whatever has no place",
  broken: (files) =>
    [...files.keys()].filter((path) =>
      path.split("/").some((part) => DRAWERS.includes(part.replace(/\..*$/, ""))),
    ),
  planted: [
    { path: "metering/utils/text.ts", text: "" },
    { path: "sandbox/types.ts", text: "" },
  ],
};

const noStubs: Rule = {
  name: "nothing is left for later without saying what",
  broken: (files) =>
    filesWhere(files, (path) => isSource(path) && !isRule(path)).flatMap(({ path, text }) =>
      text
        .split("\n")
        .map((line, n) => ({ line, place: `${path}:${n + 1}` }))
        .filter(({ line }) => /\b(?:TODO|FIXME|HACK)\b(?!: .{20})/.test(line))
        .map(({ line, place }) => `${place} ${line.trim()}`),
    ),
  planted: [
    { path: "metering/planted.ts", text: "// TODO" },
    { path: "sandbox/planted.ts", text: "// FIXME later" },
  ],
};

const LINK = /\]\((?!https?:|mailto:|#)([^)\s]+)\)|(?:src|href)="(?!https?:|mailto:|#)([^"]+)"/g;

const links: Rule = {
  name: "what a Markdown file links to is there",
  broken: (files) =>
    filesWhere(files, isMarkdown).flatMap(({ path, text }) =>
      [...text.matchAll(LINK)]
        .map(([, link, source]) => (link ?? source ?? "").replace(/#.*$/, ""))
        .map((link) => normalize(join(dirname(path), link)).replace(/\/$/, ""))
        .filter((target) => !isThere(files, target))
        .map((target) => `${path} links to ${target}`),
    ),
  planted: [
    { path: "docs/planted.md", text: "[there](nowhere.md)" },
    { path: "docs/planted.md", text: "![a picture](images/nothing.png)" },
    { path: "docs/planted.md", text: '<img src="images/nothing.png">' },
  ],
};

function isThere(files: Repository, target: string): boolean {
  return files.has(target) || [...files.keys()].some((path) => path.startsWith(`${target}/`));
}

const DECISION = /^docs\/decisions\/(\d{4})-[a-z0-9-]+\.md$/;
const PARTS = ["Status: ", "## Context", "## Decision", "## Alternatives", "## Consequences"];

const decisions: Rule = {
  name: "decisions are numbered without gaps, and each has its five parts",
  broken: (files) => {
    const papers = filesWhere(files, (path) => path.startsWith("docs/decisions/"));
    return papers.flatMap(({ path, text }, index) => {
      const number = DECISION.exec(path)?.[1];
      const expected = String(index + 1).padStart(4, "0");
      return [
        ...(number === expected ? [] : [`${path} should be number ${expected}`]),
        ...(text.startsWith(`# ${number ?? ""}: `) ? [] : [`${path} has another title`]),
        ...PARTS.filter((part) => !text.includes(`\n${part}`)).map(
          (part) => `${path} lacks ${part}`,
        ),
      ];
    });
  },
  planted: [
    { path: "docs/decisions/0001-planted.md", text: "# 0001: Twice" },
    { path: "docs/decisions/9999-planted.md", text: "# 9999: A gap" },
    { path: "docs/decisions/0003-numbered-chain.md", text: "# 0003: Without parts" },
  ],
};

const COMMAND = /^scripts\/commands\/([a-z-]+)\.ts$/;

/** Names of citty arguments: keys of objects that say their type. */
const FLAG = /^\s+"?([a-z][a-z-]*)"?: \{\s*type: "/gm;

const commandLine: Rule = {
  name: "every command and flag is registered and in the README",
  broken: (files) => {
    const registry = files.get("scripts/launchmeter.ts") ?? "";
    const readme = files.get("README.md") ?? "";
    return filesWhere(files, (path) => COMMAND.test(path)).flatMap(({ path, text }) => {
      const name = COMMAND.exec(path)?.[1] ?? "";
      const isCommand = text.includes("defineCommand(");
      const isKnown = registry.includes(`import("./commands/${name}.ts")`);
      return [
        ...(isCommand && !isKnown ? [`${path} is not registered`] : []),
        ...(isCommand && !readme.includes(`launchmeter ${name}`) ? [`README lacks ${name}`] : []),
        ...[...text.matchAll(FLAG)]
          .map(([, flag]) => `--${flag ?? ""}`)
          .filter((flag) => !new RegExp(`${flag}(?![a-z-])`).test(readme))
          .map((flag) => `README lacks ${flag} of ${path}`),
      ];
    });
  },
  planted: [
    { path: "scripts/commands/sell.ts", text: "defineCommand({});" },
    {
      path: "scripts/commands/lint.ts",
      text: '  args: {\n    "be-kind": {\n      type: "boolean" } }',
    },
    { path: "README.md", text: "" },
  ],
};

/** Wherever it was written, the project reads as if it had been written anywhere. */
const ELSEWHERE =
  /\/(?:work|tmp\/wt|root|home\/[a-z]+|Users\/[a-z]+)\/|"resolved": "(?!https:\/\/registry\.npmjs\.org\/)|\bissues? #?\d+\b|https?:\/\/[a-z0-9.-]+\.(?:internal|corp|local)\b/i;

const nowhere: Rule = {
  name: "nothing tells of the machine or the place where it was written",
  broken: (files) =>
    filesWhere(files, (path) => !isRule(path)).flatMap(({ path, text }) =>
      text
        .split("\n")
        .map((line, n) => ({ found: ELSEWHERE.exec(line)?.[0], place: `${path}:${n + 1}` }))
        .flatMap(({ found, place }) => (found === undefined ? [] : [`${place} says ${found}`])),
    ),
  planted: [
    { path: "docs/planted.md", text: "See /work/main/README.md" },
    { path: "metering/planted.ts", text: "// see issue 12" },
    { path: "package-lock.json", text: '"resolved": "https://mirror.example/x.tgz"' },
    { path: "docs/planted.md", text: "cd /home/someone/launchmeter" },
  ],
};

export const paperRules: readonly Rule[] = [
  fileNames,
  noDrawers,
  noStubs,
  links,
  decisions,
  commandLine,
  nowhere,
];
