import ts from "typescript";
import { eachNode, filesWhere, isSource, isTest, placeOf, type Rule } from "./repository.ts";

const isDomain = (path: string) => /^(?:metering|registration-site)\/domain\//.test(path);

/** A name that is used, not declared, and not somebody's property. */
const isGlobal = (node: ts.Node, names: readonly string[]): node is ts.Identifier =>
  ts.isIdentifier(node) &&
  names.includes(node.text) &&
  !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node) &&
  !(ts.isPropertyAssignment(node.parent) && node.parent.name === node) &&
  !(ts.isPropertySignature(node.parent) && node.parent.name === node);

const WORLD = ["process", "console", "globalThis", "performance", "fetch", "crypto"];
const TIMERS = ["setTimeout", "setInterval", "setImmediate", "queueMicrotask"];

const pure: Rule = {
  name: "a domain reads no clock, no chance and nothing of the world",
  broken: (files) => {
    const found: string[] = [];
    for (const { path, text } of filesWhere(files, isDomain)) {
      eachNode(path, text, (node) => {
        const isClock =
          ts.isNewExpression(node) &&
          node.expression.getText() === "Date" &&
          (node.arguments ?? []).length === 0;
        const isCall =
          ts.isPropertyAccessExpression(node) &&
          ["Date.now", "Math.random"].includes(node.getText());
        if (isClock || isCall || isGlobal(node, [...WORLD, ...TIMERS])) {
          found.push(`${placeOf(path, node)} ${node.getText()}`);
        }
      });
    }
    return found;
  },
  planted: [
    "Date.now()",
    "new Date()",
    "new Date",
    "Math.random()",
    "process.env",
    "console.log(1)",
    "setTimeout(() => {}, 1)",
  ].map((expression) => ({
    path: "metering/domain/planted.ts",
    text: `export const x = () => ${expression};`,
  })),
};

/**
 * Where a number comes from or goes to text beside money. TypeScript itself refuses to mix bigint
 * and number, so money turns into floating point only through one of the conversions below, or
 * where it is declared to be a number from the start.
 */
const CONVERSIONS = ["Number", "parseFloat", "parseInt"];
const NAMES_MONEY = /(?:usd|price|amount|fee|percent|cost|minimum|cap|perMonth)$/i;
const ROUNDING = ["toFixed", "toPrecision", "round", "trunc", "toNumber"];

/** A chart is a picture: its floating point is positions, and its text comes from elsewhere. */
const holdsMoney = (path: string) =>
  isSource(path) &&
  !path.endsWith("/statement-chart.tsx") &&
  (/^(?:metering|product)\//.test(path) ||
    /^registration-site\/views\/(?:statement-|plan-words)/.test(path) ||
    path === "scripts/play/summary.ts");

const PERCENT_UNITS = "(LARGEST_COST_AT_ONCE_USD * toHundredMillionths(percent)) / 100n";
const AMOUNT_UNITS = "amount / toHundredMillionths(dimension.unitPrice)";

const NOT_MONEY = new Map([
  ["metering/domain/money.ts: Number(exponent)", "counts decimals"],
  ["metering/domain/money.ts: dividend / divisor", "BigInt; the floor is written out after it"],
  ["metering/domain/allocations.ts: exact / total", "BigInt; the remainder is kept beside it"],
  ["metering/domain/allocations.ts: Number(missing)", "units, fewer than there are buckets"],
  [
    "metering/domain/allocations.ts: Number(share.units + (raised.has(share) ? 1n : 0n))",
    "units, at most the record's",
  ],
  ["metering/domain/pace.ts: 1_000 / CALLS_PER_SECOND", "milliseconds"],
  ["metering/domain/chain.ts: Number(units)", "units, below AWS's cap of 2³¹ − 1"],
  ["metering/domain/service-months.ts: Number(units)", "units, at most the record's"],
  ["metering/domain/verify-accounts.ts: Number(here)", "units, at most the record's"],
  ["metering/domain/verify-arithmetic.ts: whole / divisor", "BigInt; the remainder is taken off"],
  ["metering/adapters/cost-exports/parquet-records.ts: Number(num_rows)", "counts rows"],
  [`product/price-problems.ts: ${PERCENT_UNITS}`, "BigInt; for a bound"],
  [`product/price-problems.ts: ${AMOUNT_UNITS}`, "BigInt; whole units, for a bound"],
  ["registration-site/views/plan-words.ts: amount / price", "BigInt; whole units, for a sentence"],
  ["registration-site/views/statement-notes.tsx: Number", "year and month"],
  ["registration-site/views/plan-words.ts: Number(units)", "whole units, for a sentence"],
]);

/** Math.floor and Math.ceil take no bigint, so what is divided inside them is time. */
function isFloored(node: ts.Node): boolean {
  for (let above = node.parent; !ts.isSourceFile(above); above = above.parent) {
    if (ts.isCallExpression(above) && /^Math\.(?:floor|ceil)$/.test(above.expression.getText())) {
      return true;
    }
  }
  return false;
}

const exactMoney: Rule = {
  name: "money never becomes floating point",
  broken: (files) => {
    const found: string[] = [];
    const used = new Set<string>();
    const note = (path: string, node: ts.Node) => {
      const what = `${path}: ${node.getText()}`;
      used.add(what);
      if (!NOT_MONEY.has(what)) found.push(`${placeOf(path, node)} ${node.getText()}`);
    };
    for (const { path, text } of filesWhere(files, holdsMoney)) {
      eachNode(path, text, (node) => {
        const isDivision =
          ts.isBinaryExpression(node) &&
          [ts.SyntaxKind.SlashToken, ts.SyntaxKind.SlashEqualsToken].includes(
            node.operatorToken.kind,
          );
        const isFraction = ts.isNumericLiteral(node) && /[.]|e-/i.test(node.getText());
        const isUnaryPlus =
          ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.PlusToken;
        const isRounding = ts.isPropertyAccessExpression(node) && ROUNDING.includes(node.name.text);
        if (isGlobal(node, CONVERSIONS) && !asksOnly(node)) note(path, called(node));
        else if (isDivision && !isFloored(node)) note(path, node);
        else if (isFraction || isUnaryPlus || isRounding) note(path, node);
        else if (isHiddenConversion(node) || isMoneyAsNumber(node)) note(path, node);
      });
    }
    const unused = [...NOT_MONEY.keys()].filter((known) => !used.has(known));
    return [...found, ...unused.map((known) => `${known} is excused, but not there`)];
  },
  planted: [
    "Number(usd)",
    "usd.map(Number)",
    "parseFloat(usd)",
    "+usd",
    "usd / 100n",
    "usd.toFixed(2)",
    "Math.round(usd)",
    "usd * 0.2",
    "globalThis.parseFloat(usd)",
    "usd as unknown as number",
    "z.coerce.number().parse(usd)",
    "z.object({ usd: z.number() })",
    "((unitPrice: number) => unitPrice)(usd)",
  ]
    .map((expression) => `export const x = (usd) => ${expression};`)
    .concat("export interface Fee { readonly perMonth?: number | undefined }")
    .map((text) => ({ path: "metering/planted.ts", text })),
};

/** A conversion by another name: of another object, of a type, or of JSON and zod in one go. */
function isHiddenConversion(node: ts.Node): boolean {
  if (ts.isAsExpression(node)) {
    const isForced =
      ts.isAsExpression(node.expression) || NAMES_MONEY.test(node.expression.getText());
    return isForced && node.type.kind === ts.SyntaxKind.NumberKeyword;
  }
  if (!ts.isPropertyAccessExpression(node)) return false;
  return CONVERSIONS.includes(node.name.text) || ["z.coerce", "z.number"].includes(node.getText());
}

function isMoneyAsNumber(node: ts.Node): boolean {
  const isDeclared =
    ts.isPropertySignature(node) || ts.isParameter(node) || ts.isVariableDeclaration(node);
  if (!isDeclared || node.type === undefined || !NAMES_MONEY.test(node.name.getText()))
    return false;
  const parts = ts.isUnionTypeNode(node.type) ? [...node.type.types] : [node.type];
  return parts.some(({ kind }) => kind === ts.SyntaxKind.NumberKeyword);
}

/** `Number.isInteger` and the like convert nothing. */
const asksOnly = ({ parent }: ts.Node) =>
  ts.isPropertyAccessExpression(parent) && /^is[A-Z]/.test(parent.name.text);

function called(node: ts.Node): ts.Node {
  return ts.isCallExpression(node.parent) && node.parent.expression === node ? node.parent : node;
}

/** The others are given what they need, so that a test or a second copy can give them another. */
const READS_ENVIRONMENT = new Map([
  ["bin/launchmeter.js", "silences a warning of the SDK"],
  ["scripts/launchmeter.ts", "LAUNCHMETER_DEBUG"],
  ["scripts/commands/lint.ts", "hands it to the search for cfn-lint"],
  ["scripts/local/seller-service.ts", "hands it to the proof's adapter, which judges it"],
  ["scripts/local/world.ts", "points the SDK at the sandbox"],
  ["template-src/launch-stack/callback/index.ts", "a Lambda function's configuration"],
  ["sandbox/cloudformation/functions/lambda-process.ts", "what a child process needs on Windows"],
]);

const environment: Rule = {
  name: "only entry points read the environment",
  broken: (files) => {
    const readers = filesWhere(files, (path) => isSource(path) && !isTest(path))
      .filter(({ path, text }) => {
        let reads = false;
        eachNode(path, text, (node) => {
          const isEnv = ts.isPropertyAccessExpression(node) && node.name.text === "env";
          const isTaken =
            ts.isVariableDeclaration(node) &&
            node.initializer?.getText() === "process" &&
            ts.isObjectBindingPattern(node.name);
          if ((isEnv && node.expression.getText() === "process") || isTaken) reads = true;
        });
        return reads;
      })
      .map(({ path }) => path);
    return [
      ...readers
        .filter((path) => !READS_ENVIRONMENT.has(path))
        .map((path) => `${path} reads the environment`),
      ...[...READS_ENVIRONMENT.keys()]
        .filter((path) => !readers.includes(path))
        .map((path) => `${path} is excused, but reads no environment`),
    ];
  },
  planted: [
    { path: "metering/adapters/planted.ts", text: "export const x = process.env.HOME;" },
    { path: "sandbox/planted.ts", text: "const { env } = process;" },
    { path: "scripts/local/world.ts", text: "" },
  ],
};

const LONGEST = 300;
const LONGEST_TEST = 400;
const LONGER = new Map([
  ["tests/registration-site/callback.test.ts", "one claim for each way a callback can go"],
  ["tests/registration-site/callback-attacks.test.ts", "one claim for each forgery"],
  ["tests/template-src/launch-stack.test.ts", "one claim for each resource"],
]);

const lengths: Rule = {
  name: `a file has at most ${LONGEST} lines, a test ${LONGEST_TEST}`,
  broken: (files) =>
    filesWhere(files, isSource).flatMap(({ path, text }) => {
      const lines = text.split("\n").length - 1;
      const isLong = lines > (isTest(path) ? LONGEST_TEST : LONGEST);
      if (isLong && !LONGER.has(path)) return [`${path} has ${lines} lines`];
      return !isLong && LONGER.has(path) ? [`${path} is excused, but is not long`] : [];
    }),
  planted: [
    { path: "metering/planted.ts", text: "\n".repeat(301) },
    { path: "tests/planted.test.ts", text: "\n".repeat(401) },
    { path: "tests/template-src/launch-stack.test.ts", text: "\n" },
  ],
};

/** Tools and sellers expect a default there; the callback is a Lambda module by its handler's name. */
const HAS_DEFAULT = /^(?:[^/]+\.config\.(?:ts|js)|metering\/adapters\/dynalite\.d\.ts)$/;

const exportsByName: Rule = {
  name: "exports have names",
  broken: (files) => {
    const found: string[] = [];
    for (const { path, text } of filesWhere(files, (p) => isSource(p) && !HAS_DEFAULT.test(p))) {
      eachNode(path, text, (node) => {
        const isDefault =
          node.kind === ts.SyntaxKind.DefaultKeyword &&
          !ts.isDefaultClause(node.parent) &&
          !ts.isCaseClause(node.parent);
        const isNamedDefault = ts.isExportSpecifier(node) && node.name.text === "default";
        if (isDefault || ts.isExportAssignment(node) || isNamedDefault) {
          found.push(`${placeOf(path, node)} exports a default`);
        }
      });
    }
    return found;
  },
  planted: [
    { path: "metering/planted.ts", text: "export default 1;" },
    { path: "metering/planted.ts", text: "export default function x() {}" },
    { path: "metering/planted.ts", text: "const a = 1;\nexport { a as default };" },
  ],
};

/** Where a tool isn't there, a skipped test is how that is said. */
const SAYS_WHY = new Set(["tests/browser/buyer-journey.test.ts: it.skip"]);

const allTestsRun: Rule = {
  name: "no test is left out, and none runs alone",
  broken: (files) => {
    const found: string[] = [];
    for (const { path, text } of filesWhere(files, (p) => isTest(p) && isSource(p))) {
      eachNode(path, text, (node) => {
        if (!ts.isPropertyAccessExpression(node)) return;
        if (SAYS_WHY.has(`${path}: ${node.getText()}`)) return;
        const isOn = /^(?:it|test|describe|suite)\b/.test(node.expression.getText());
        if (isOn && ["only", "skip", "todo", "fails"].includes(node.name.text)) {
          found.push(`${placeOf(path, node)} ${node.getText()}`);
        }
      });
    }
    return found;
  },
  planted: ["it.only", "describe.skip", "it.todo", "it.concurrent.skip", "test.fails"].map(
    (call) => ({ path: "tests/planted.test.ts", text: `${call}("holds", () => {});` }),
  ),
};

export const codeRules: readonly Rule[] = [
  pure,
  exactMoney,
  environment,
  lengths,
  exportsByName,
  allTestsRun,
];
