import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { SaleSummary } from "../../scripts/play/summary.ts";

const BIN = fileURLToPath(new URL("../../bin/launchmeter.js", import.meta.url));
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line as a user runs it; `watch` sees each line of progress and may end it. */
export async function launchmeter(
  args: readonly string[],
  watch: (line: string, kill: () => void) => void = () => undefined,
): Promise<Ended> {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    env: withoutAws(process.env),
  });
  const exited = new Promise<number | null>((done) => child.once("close", done));
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  let stderr = "";
  for await (const line of createInterface({ input: child.stderr })) {
    stderr += `${line}\n`;
    watch(line, () => child.kill("SIGKILL"));
  }
  return { code: await exited, stdout, stderr };
}

/** A user's machine may have credentials for the real AWS; these tests must not reach for them. */
function withoutAws(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !name.startsWith("AWS_"));
  return { ...Object.fromEntries(kept), AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" };
}

/** A folder of its own for each test. */
export function temporaryFolder(onFinished: (clean: () => void) => void): string {
  const folder = mkdtempSync(join(tmpdir(), "launchmeter-sale-"));
  onFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What a finished sale printed: one JSON object and nothing else. */
export function summaryOf({ code, stdout, stderr }: Ended): SaleSummary {
  if (code !== 0) throw new Error(`the command ended with ${code}:\n${stderr}`);
  const lines = stdout.split("\n");
  if (lines.length !== 2 || lines[1] !== "") throw new Error(`not one line: ${stdout}`);
  return JSON.parse(lines[0] ?? "") as SaleSummary;
}

/** Whole 10⁻⁴⁰ USD of a decimal text: money without the code under test. */
export function exact(text: string): bigint {
  const [, sign, whole = "", fraction = "", exponent = "0"] =
    /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text.trim()) ?? [];
  if (sign === undefined) throw new Error(`not a number: ${text}`);
  const zeros = 40 + Number(exponent) - fraction.length;
  const value = BigInt(`${whole}${fraction}${"0".repeat(zeros)}`);
  return sign === "-" ? -value : value;
}
