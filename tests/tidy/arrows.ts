import { filesWhere, importsOf, isSource, type Rule } from "./repository.ts";

interface Area {
  readonly holds: RegExp;
  /** Files that it may import, also as types. */
  readonly files: RegExp;
  /** Files whose types it may import. */
  readonly types?: RegExp;
  /** Packages; `node:` stands for all of Node's own modules. */
  readonly packages: RegExp;
}

const NO_PACKAGE = /^$/;

/** Who may know whom (design §3). The first area that holds a file is its own. */
const AREAS: readonly Area[] = [
  { holds: /^template-src\/contract\.ts$/, files: /^$/, packages: NO_PACKAGE },
  {
    holds: /^metering\/domain\//,
    files: /^metering\/domain\//,
    packages: NO_PACKAGE,
  },
  {
    // The money domain is the shared vocabulary; the contract holds names alone.
    holds: /^registration-site\/domain\//,
    files: /^(?:registration-site\/domain\/|metering\/domain\/|template-src\/contract\.ts$)/,
    packages: NO_PACKAGE,
  },
  {
    holds: /^metering\/adapters\//,
    files: /^metering\/(?:adapters|domain)\//,
    types: /^metering\/(?:plan-)?ports\.ts$/,
    packages: /^(?:@aws-sdk\/.*|dynalite|hyparquet|node:)$/,
  },
  { holds: /^metering\//, files: /^metering\/(?:domain\/|[^/]+$)/, packages: NO_PACKAGE },
  {
    // It takes the store's one client from metering's adapters, and the list of regions.
    holds: /^registration-site\/adapters\//,
    files:
      /^(?:registration-site\/(?:adapters|domain)\/|metering\/(?:adapters|domain)\/|product\/regions\.ts$|template-src\/contract\.ts$)/,
    types: /^(?:registration-site\/[^/]+|metering\/ports\.ts)$/,
    packages: /^(?:@aws-sdk\/.*|jose|node:)$/,
  },
  {
    holds: /^registration-site\/(?:routes|views)\/|^registration-site\/app\.tsx$/,
    files:
      /^(?:registration-site\/(?:routes|views|domain)\/|registration-site\/hash\.ts$|metering\/domain\/|template-src\/contract\.ts$)/,
    types: /^(?:registration-site\/[^/]+|metering\/ports\.ts|product\/definition\.ts)$/,
    packages: /^(?:hono|zod|d3-scale|d3-shape|node:)$/,
  },
  {
    holds: /^registration-site\//,
    files:
      /^(?:registration-site\/(?:domain\/|[^/]+$)|metering\/domain\/|template-src\/contract\.ts$)/,
    types: /^(?:metering\/ports\.ts|product\/definition\.ts)$/,
    packages: /^node:$/,
  },
  {
    holds: /^product\//,
    files: /^product\//,
    types: /^metering\/domain\//,
    packages: /^(?:zod|node:)$/,
  },
  {
    // Runs in buyers' accounts, bundled into the template: small, and no SDK.
    holds: /^template-src\/launch-stack\/callback\//,
    files: /^template-src\/(?:launch-stack\/callback\/|contract\.ts$)/,
    packages: /^node:$/,
  },
  {
    // Runs in buyers' accounts as well, inside the product.
    holds: /^usage-client\//,
    files: /^template-src\/(?:launch-stack\/callback\/sign-proof|contract)\.ts$/,
    packages: /^node:$/,
  },
  {
    holds: /^template-src\//,
    files: /^(?:template-src\/|product\/regions\.ts$)/,
    types: /^product\//,
    packages: /^(?:aws-cdk-lib|constructs|esbuild|node:)$/,
  },
  {
    // Shares no rule with what it tests, so that a misunderstanding can't hide (decision 0007).
    holds: /^sandbox\//,
    files: /^sandbox\//,
    packages: /^(?:cborg|csv-parse|hono|@hono\/node-server|zod|node:)$/,
  },
  { holds: /^(?:scripts|bin)\//, files: /^(?!tests\/)/, packages: /./ },
  { holds: /^product\.config\.ts$/, files: /^$/, packages: /^launchmeter$/ },
  { holds: /^(?:tests\/|\.ci\/|[^/]+$)/, files: /./, packages: /./ },
];

export const arrows: Rule = {
  name: "every import follows the arrows of the house",
  broken: (files) =>
    filesWhere(files, isSource).flatMap(({ path, text }) => {
      const area = AREAS.find(({ holds }) => holds.test(path));
      if (area === undefined) return [`${path} lies in no area of the house`];
      return importsOf(path, text)
        .filter(({ target, isFile, isType }) => {
          if (!isFile) return !area.packages.test(target);
          return !area.files.test(target) && !(isType && area.types?.test(target) === true);
        })
        .map(({ target }) => `${path} must not import ${target}`);
    }),
  planted: [
    { path: "metering/domain/planted.ts", text: 'import "node:fs";' },
    { path: "metering/domain/planted.ts", text: 'import type { Clock } from "../ports.ts";' },
    { path: "metering/planted.ts", text: 'export * from "../registration-site/ports.ts";' },
    { path: "metering/planted.ts", text: 'type A = import("../product/definition.ts").Product;' },
    { path: "registration-site/domain/planted.ts", text: 'import "../sessions.ts";' },
    { path: "registration-site/planted.ts", text: 'await import("../sandbox/server.ts");' },
    { path: "sandbox/planted.ts", text: 'import { HOUR } from "../metering/domain/calendar.ts";' },
    { path: "template-src/contract.ts", text: 'import type { A } from "./publish/template.ts";' },
    { path: "template-src/launch-stack/callback/planted.ts", text: 'import "aws-cdk-lib";' },
    { path: "product/planted.ts", text: 'import { ZERO } from "../metering/domain/money.ts";' },
    { path: "scripts/planted.ts", text: 'import "../tests/tidy/repository.ts";' },
    { path: "elsewhere/planted.ts", text: "" },
  ],
};

/** What a Lambda function would be bundled from; the embedded store is for laptops. */
const isEntry = (path: string) =>
  /^(?:registration-site\/(?:app\.tsx|create-site-use-cases\.ts|adapters\/.*)|metering\/(?:create-metering\.ts|adapters\/.*))$/.test(
    path,
  ) && !/embedded-dynamodb\.ts$|\.d\.ts$/.test(path);

const NEVER_BUNDLED =
  /^(?:aws-cdk-lib|constructs|esbuild|tsx|citty|dynalite|typescript|@hono\/node-server|sandbox\/.*|scripts\/.*|tests\/.*|template-src\/(?!contract\.ts$).*)$/;

export const bundles: Rule = {
  name: "nothing that a Lambda function would bundle reaches CDK, a tool or the sandbox",
  broken: (files) => {
    const found: string[] = [];
    const seen = new Set<string>();
    const follow = (path: string, way: string) => {
      if (seen.has(path)) return;
      seen.add(path);
      const text = files.get(path);
      if (text === undefined) {
        found.push(`${way} does not exist`);
        return;
      }
      for (const { target, isFile, isType } of importsOf(path, text)) {
        if (isType) continue;
        if (NEVER_BUNDLED.test(target)) found.push(`${way} → ${target}`);
        else if (isFile) follow(target, `${way} → ${target}`);
      }
    };
    const entries = filesWhere(files, isEntry);
    if (entries.length < 10) found.push("the entries are not where they were");
    for (const { path } of entries) follow(path, path);
    return found;
  },
  planted: [
    { path: "metering/domain/money.ts", text: 'import { App } from "aws-cdk-lib";' },
    {
      path: "registration-site/views/format.tsx",
      text: 'export * from "../../template-src/publish/template.ts";',
    },
    { path: "registration-site/routes/home.tsx", text: 'await import("../nowhere.ts");' },
  ],
};

const SHIPPED =
  /^(?:bin|metering|product|registration-site|sandbox|scripts|template-src|usage-client)\/|^product\.config/;

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** Loaded by name or by another tool, never by an import. */
const USED_WITHOUT_IMPORT = new Map([
  ["constructs", "aws-cdk-lib's peer"],
  ["eslint", "a command"],
  ["prettier", "a command"],
  ["@types/node", "types"],
  ["@types/d3-scale", "types"],
  ["@types/d3-shape", "types"],
]);

export const packages: Rule = {
  name: "what is shipped imports dependencies only, each is used, and its version is exact",
  broken: (files) => {
    const { dependencies, devDependencies } = JSON.parse(
      files.get("package.json") ?? "",
    ) as Manifest;
    const imports = filesWhere(files, isSource).flatMap(({ path, text }) =>
      importsOf(path, text)
        .filter(({ isFile }) => !isFile)
        .map(({ target, isType }) => ({ path, target, isType })),
    );
    const texts = filesWhere(files, (path) => isSource(path)).map(({ text }) => text);
    return [
      ...imports
        .filter(({ path, target }) => SHIPPED.test(path) && !/^(?:node:|launchmeter)$/.test(target))
        .filter(({ target, isType }) => !(target in dependencies) && !isType)
        .map(({ path, target }) => `${path} needs ${target} among the dependencies`),
      ...Object.entries({ ...dependencies, ...devDependencies }).flatMap(([name, version]) => [
        ...(/^\d+\.\d+\.\d+$/.test(version) ? [] : [`${name} ${version} is no exact version`]),
        ...(USED_WITHOUT_IMPORT.has(name) ||
        imports.some(({ target }) => target === name) ||
        texts.some((text) => text.includes(`"${name}/`))
          ? []
          : [`${name} is not used`]),
      ]),
    ];
  },
  planted: [
    { path: "metering/adapters/planted.ts", text: 'import "vitest";' },
    {
      path: "package.json",
      text: '{ "dependencies": { "hono": "^4.0.0" }, "devDependencies": {} }',
    },
    {
      path: "package.json",
      text: '{ "dependencies": { "left-pad": "1.3.0" }, "devDependencies": {} }',
    },
  ],
};
