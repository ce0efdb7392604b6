import { spawn, type ChildProcess } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TemporaryCredentials } from "../../aws-service.ts";
import type { Json } from "../template/template.ts";
import { BOOTSTRAP, CFN_RESPONSE, datePreload } from "./runtime-files.ts";

/** One invocation of an inline function, everything it gets included. */
export interface Invocation {
  readonly functionName: string;
  readonly functionArn: string;
  readonly region: string;
  readonly runtime: string;
  readonly handler: string;
  readonly code: string;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  readonly variables: Readonly<Record<string, string>>;
  readonly credentials: TemporaryCredentials;
  readonly logGroup: string;
  readonly logStream: string;
  readonly requestId: string;
  readonly event: Json;
  /** The sandbox's time when the function starts. */
  readonly startsAt: number;
}

export type InvocationResult =
  | { readonly kind: "returned" }
  | { readonly kind: "error"; readonly message: string }
  | { readonly kind: "timeout" }
  /** The sandbox is being stopped. */
  | { readonly kind: "killed" };

/**
 * Runs the function in a process of its own: only the runtime's variables, the sandbox's time, and
 * a folder that is CommonJS whatever this project is (feasibility §2).
 */
export async function runFunction(
  invocation: Invocation,
  log: (line: string) => void,
  stop: AbortSignal,
): Promise<InvocationResult> {
  const folder = await mkdtemp(join(tmpdir(), "launchmeter-function-"));
  try {
    const files = await writeFiles(folder, invocation);
    if (stop.aborted) return { kind: "killed" };
    const child = spawn(
      process.execPath,
      ["--require", files.preload, files.bootstrap, files.input],
      {
        cwd: files.task,
        env: runtimeVariables(invocation, files.task),
        stdio: ["ignore", "pipe", "pipe"],
        windowsHide: true,
      },
    );
    const ended = await untilEnd(child, invocation.timeoutMs, log, stop);
    return ended ?? (await resultIn(files.result));
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

interface RuntimeFiles {
  readonly task: string;
  readonly preload: string;
  readonly bootstrap: string;
  readonly input: string;
  readonly result: string;
}

async function writeFiles(folder: string, invocation: Invocation): Promise<RuntimeFiles> {
  const files: RuntimeFiles = {
    task: join(folder, "task"),
    preload: join(folder, "preload.cjs"),
    bootstrap: join(folder, "bootstrap.cjs"),
    input: join(folder, "invocation.json"),
    result: join(folder, "result.json"),
  };
  const cfnResponse = join(files.task, "node_modules", "cfn-response");
  await mkdir(cfnResponse, { recursive: true });
  const input = {
    handler: invocation.handler,
    event: invocation.event,
    timeoutMs: invocation.timeoutMs,
    resultFile: files.result,
    // Callbacks went away with nodejs24.x.
    callbacks: invocation.runtime === "nodejs22.x",
    context: {
      functionName: invocation.functionName,
      functionVersion: "$LATEST",
      invokedFunctionArn: invocation.functionArn,
      memoryLimitInMB: String(invocation.memoryMb),
      awsRequestId: invocation.requestId,
      logGroupName: invocation.logGroup,
      logStreamName: invocation.logStream,
    },
  };
  await Promise.all([
    writeFile(join(files.task, "index.js"), invocation.code),
    writeFile(join(files.task, "package.json"), '{"type":"commonjs"}'),
    writeFile(join(cfnResponse, "index.js"), CFN_RESPONSE),
    writeFile(files.preload, datePreload(invocation.startsAt - Date.now())),
    writeFile(files.bootstrap, BOOTSTRAP),
    writeFile(files.input, JSON.stringify(input)),
  ]);
  return files;
}

/** Nothing of the sandbox's own environment gets in. */
function runtimeVariables(invocation: Invocation, taskRoot: string): Record<string, string> {
  const { credentials } = invocation;
  // Windows can't open a socket without it.
  const { SystemRoot } = process.env;
  const system: Record<string, string> = SystemRoot === undefined ? {} : { SystemRoot };
  return {
    ...system,
    PATH: "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
    ...invocation.variables,
    _HANDLER: invocation.handler,
    AWS_REGION: invocation.region,
    AWS_DEFAULT_REGION: invocation.region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    AWS_EXECUTION_ENV: `AWS_Lambda_${invocation.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: invocation.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(invocation.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: invocation.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: invocation.logStream,
    LAMBDA_TASK_ROOT: taskRoot,
  };
}

/** Undefined when the process ended by itself. */
async function untilEnd(
  child: ChildProcess,
  timeoutMs: number,
  log: (line: string) => void,
  stop: AbortSignal,
): Promise<InvocationResult | undefined> {
  let ended: InvocationResult | undefined;
  const kill = (result: InvocationResult) => {
    ended ??= result;
    child.kill("SIGKILL");
  };
  const timer = setTimeout(() => kill({ kind: "timeout" }), timeoutMs);
  const onStop = () => kill({ kind: "killed" });
  stop.addEventListener("abort", onStop);
  try {
    for (const output of [child.stdout!, child.stderr!]) createInterface(output).on("line", log);
    await new Promise<void>((resolve, reject) => {
      child.once("close", () => resolve());
      child.once("error", reject);
    });
    return ended;
  } finally {
    clearTimeout(timer);
    stop.removeEventListener("abort", onStop);
  }
}

async function resultIn(file: string): Promise<InvocationResult> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch {
    return { kind: "error", message: "Runtime exited without providing a reason" };
  }
  const result = JSON.parse(text) as { errorType?: string; errorMessage?: string };
  return result.errorType === undefined
    ? { kind: "returned" }
    : { kind: "error", message: `${result.errorType}: ${result.errorMessage}` };
}
