import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Finding } from "./finding.ts";

export interface CfnLint {
  readonly command: readonly string[];
  /** As it prints itself, e.g. `cfn-lint 1.51.0`. */
  readonly version: string;
}

/** Downloaded when asked to, so a fixed version: a newer one may judge differently. */
const DOWNLOADED_VERSION = "1.51.0";

/**
 * Looks for AWS's Python linter: `CFN_LINT`, on the path, as a Python module, and, when downloads
 * are allowed, through uvx or pipx. Undefined when there is none.
 */
export async function findCfnLint(options: {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly allowDownload: boolean;
}): Promise<CfnLint | undefined> {
  const named = options.environment.CFN_LINT;
  if (named !== undefined && named !== "") {
    const found = await versionOf(named.split(" "), options.environment);
    if (found !== undefined) return found;
    throw new Error(`CFN_LINT is ${JSON.stringify(named)}, but that does not run cfn-lint.`);
  }
  const candidates = [
    ["cfn-lint"],
    ["python3", "-m", "cfnlint"],
    ...(options.allowDownload
      ? [
          ["uvx", `cfn-lint@${DOWNLOADED_VERSION}`],
          ["pipx", "run", `cfn-lint==${DOWNLOADED_VERSION}`],
        ]
      : []),
  ];
  for (const command of candidates) {
    const found = await versionOf(command, options.environment);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function versionOf(
  command: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<CfnLint | undefined> {
  const { code, stdout } = await run([...command, "--version"], environment);
  const version = stdout.trim().split("\n").at(-1) ?? "";
  return code === 0 && /^cfn-lint \d/.test(version) ? { command, version } : undefined;
}

/** Errors and warnings of the real cfn-lint for every one of these regions. */
export async function runCfnLint(
  cfnLint: CfnLint,
  json: string,
  regions: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Finding[]> {
  // An empty folder, so that no configuration file lying about changes the verdict.
  const folder = await mkdtemp(join(tmpdir(), "cfn-lint-"));
  try {
    const file = join(folder, "template.json");
    await writeFile(file, json);
    const { stdout, stderr } = await run(
      [...cfnLint.command, "--format", "json", "--regions", ...regions, "--", file],
      environment,
      folder,
    );
    return parsed(stdout, stderr, cfnLint);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Match {
  readonly Rule: { readonly Id: string };
  readonly Level: string;
  readonly Message: string;
  readonly Location: { readonly Path?: readonly (string | number)[] | null };
}

function parsed(stdout: string, stderr: string, cfnLint: CfnLint): Finding[] {
  let matches: readonly Match[];
  try {
    matches = JSON.parse(stdout) as readonly Match[];
  } catch (cause) {
    throw new Error(
      `${cfnLint.version} gave no result: ${(stderr || stdout).trim().slice(0, 500)}`,
      { cause },
    );
  }
  return matches
    .filter((match) => match.Level === "Error" || match.Level === "Warning")
    .map((match) => ({
      engine: "cfn-lint",
      rule: match.Rule.Id,
      severity: match.Level === "Error" ? "error" : "warning",
      where: (match.Location.Path ?? []).join("."),
      message: match.Message,
    }));
}

/** Never rejects: a command that doesn't exist has an exit code, too. */
function run(
  command: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  cwd?: string,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const [file = "", ...rest] = command;
  return new Promise((resolve) => {
    execFile(
      file,
      rest,
      { cwd, env: { ...environment }, maxBuffer: 64 * 1024 * 1024, timeout: 180_000 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : 127;
        resolve({ code, stdout, stderr });
      },
    );
  });
}
