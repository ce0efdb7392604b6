import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";

/** Every text file of the project, by its path from the root. */
export type Repository = ReadonlyMap<string, string>;

/** One house rule. `broken` answers a sentence for each breach. */
export interface Rule {
  readonly name: string;
  broken(files: Repository): readonly string[];
  /** Files that break it, so that a rule that can't fail is found out. Several: each must be seen. */
  readonly planted: readonly { readonly path: string; readonly text: string }[];
}

const NOT_OURS = new Set([".git", ".launchmeter", "coverage", "node_modules", "output"]);
const TEXT = /\.(?:tsx?|js|md|json|csv)$|^(?:\.ci\/run|LICENSE|\.npmrc|\.gitignore)$/;

export function readRepository(): Repository {
  const files = new Map<string, string>();
  const walk = (folder: string) => {
    for (const entry of readdirSync(folder || ".", { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !NOT_OURS.has(entry.name)) walk(path);
      // An image is there, but has no text.
      else if (entry.isFile()) files.set(path, TEXT.test(path) ? readFileSync(path, "utf8") : "");
    }
  };
  walk("");
  return files;
}

export const isSource = (path: string) => /\.(?:tsx?|js)$/.test(path);
export const isTest = (path: string) => path.startsWith("tests/");
export const isMarkdown = (path: string) => path.endsWith(".md");

export function filesWhere(
  files: Repository,
  matches: (path: string) => boolean,
): readonly { readonly path: string; readonly text: string }[] {
  return [...files]
    .filter(([path]) => matches(path))
    .map(([path, text]) => ({ path, text }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

const parsed = new Map<string, ts.SourceFile>();

/** The syntax tree, with parents. */
export function tree(path: string, text: string): ts.SourceFile {
  const known = parsed.get(path);
  if (known?.text === text) return known;
  const made = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  parsed.set(path, made);
  return made;
}

export function eachNode(path: string, text: string, visit: (node: ts.Node) => void): void {
  const walk = (node: ts.Node) => {
    visit(node);
    node.forEachChild(walk);
  };
  walk(tree(path, text));
}

export function placeOf(path: string, node: ts.Node): string {
  const source = node.getSourceFile();
  const { line } = source.getLineAndCharacterOfPosition(node.getStart());
  return `${path}:${line + 1}`;
}

export interface Import {
  /** A file of the project, or the name of a package or of one of Node's own modules. */
  readonly target: string;
  readonly isFile: boolean;
  /** Gone when types are stripped. */
  readonly isType: boolean;
}

/** Static, re-exported, dynamic, required and `import()`ed as a type. */
export function importsOf(path: string, text: string): readonly Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, isType: boolean) => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const { text: name } = specifier;
    const isFile = name.startsWith(".");
    found.push({ target: isFile ? join(dirname(path), name) : packageOf(name), isFile, isType });
  };
  eachNode(path, text, (node) => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeImport(node));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal, true);
    } else if (ts.isCallExpression(node)) {
      const { expression } = node;
      const loads =
        expression.kind === ts.SyntaxKind.ImportKeyword ||
        (ts.isIdentifier(expression) && expression.text === "require");
      if (loads) add(node.arguments[0], false);
    }
  });
  return found;
}

function isTypeImport({ importClause }: ts.ImportDeclaration): boolean {
  if (importClause === undefined) return false;
  if (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const { name, namedBindings } = importClause;
  return (
    name === undefined &&
    namedBindings !== undefined &&
    ts.isNamedImports(namedBindings) &&
    namedBindings.elements.length > 0 &&
    namedBindings.elements.every((element) => element.isTypeOnly)
  );
}

function packageOf(name: string): string {
  if (name.startsWith("node:")) return "node:";
  return name
    .split("/")
    .slice(0, name.startsWith("@") ? 2 : 1)
    .join("/");
}
