import type { SandboxContext } from "../../sandbox.ts";
import type { Inventory, LiveResource } from "../inventory.ts";
import type { LogGroups } from "../log-groups.ts";
import { object, randomText, randomUuid, text } from "../resources/resource-type.ts";
import { asText, type Json } from "../template/template.ts";
import { runFunction, type Invocation } from "./lambda-process.ts";

/** Runs the functions that stacks made. */
export interface Functions {
  /** The function an ARN names, in the stack's own account and region. */
  find(arn: string, accountId: string, region: string): LiveResource | undefined;
  /**
   * Invokes without waiting for a result, as CloudFormation does: an error is tried twice more.
   * `finished` resolves when Lambda will not try again.
   */
  invokeAsync(fn: LiveResource, event: Json): { readonly finished: Promise<void> };
  /** Resolves when no function runs any more. */
  idle(): Promise<void>;
  /** Kills what runs. */
  close(): Promise<void>;
}

export interface FunctionsDeps {
  readonly context: SandboxContext;
  readonly inventory: Inventory;
  readonly logGroups: LogGroups;
}

/** protocol-facts B5; the minutes between them are left out. */
const ATTEMPTS = 3;

export function createFunctions(deps: FunctionsDeps): Functions {
  const stop = new AbortController();
  const running = new Set<Promise<void>>();

  async function attemptAll(fn: LiveResource, event: Json): Promise<void> {
    const requestId = randomUuid(deps.context);
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      // Deleted meanwhile, or updated: the next try runs what is there by then.
      const current = deps.inventory.get(fn.type, fn.accountId, fn.region, fn.physicalId);
      if (current === undefined || stop.signal.aborted) return;
      if (await attemptOnce(deps, current, event, requestId, stop.signal)) return;
    }
  }

  return {
    find: (arn, accountId, region) =>
      deps.inventory
        .list((one) => one.type === "AWS::Lambda::Function" && one.attributes.Arn === arn)
        .find((one) => one.accountId === accountId && one.region === region),
    invokeAsync(fn, event) {
      const finished = attemptAll(fn, event).catch((error: unknown) => {
        console.error(`The function ${fn.physicalId} could not be run.`, error);
      });
      running.add(finished);
      void finished.then(() => running.delete(finished));
      return { finished };
    },
    async idle() {
      while (running.size > 0) await Promise.all(running);
    },
    async close() {
      stop.abort();
      await Promise.all(running);
    },
  };
}

/** True when Lambda is done with the event. */
async function attemptOnce(
  { context, logGroups }: FunctionsDeps,
  fn: LiveResource,
  event: Json,
  requestId: string,
  stop: AbortSignal,
): Promise<boolean> {
  const invocation = invocationOf(context, fn, event, requestId);
  const log = (line: string) => {
    const group = { accountId: fn.accountId, region: fn.region, name: invocation.logGroup };
    const at = context.clock.now();
    logGroups.write(group, { at, stream: invocation.logStream, text: line });
    context.changed();
  };
  log(`START RequestId: ${requestId} Version: $LATEST`);
  const result = await runFunction(invocation, log, stop);
  switch (result.kind) {
    case "timeout":
      log(`${requestId} Task timed out after ${(invocation.timeoutMs / 1000).toFixed(2)} seconds`);
      break;
    case "error":
      log(`${requestId} ERROR Invoke Error ${result.message}`);
      break;
    case "returned":
    case "killed":
      break;
  }
  log(`END RequestId: ${requestId}`);
  return result.kind === "returned" || result.kind === "killed";
}

function invocationOf(
  context: SandboxContext,
  fn: LiveResource,
  event: Json,
  requestId: string,
): Invocation {
  const { properties, physicalId: functionName } = fn;
  const startsAt = context.clock.now();
  const variables = Object.entries(object(object(properties, "Environment"), "Variables"));
  const day = new Date(startsAt).toISOString().slice(0, 10).replaceAll("-", "/");
  return {
    functionName,
    functionArn: asText(fn.attributes.Arn),
    region: fn.region,
    runtime: text(properties, "Runtime") ?? "",
    handler: text(properties, "Handler") ?? "",
    code: text(object(properties, "Code"), "ZipFile") ?? "",
    memoryMb: Number(text(properties, "MemorySize") ?? 128),
    timeoutMs: Number(text(properties, "Timeout") ?? 3) * 1000,
    variables: Object.fromEntries(variables.map(([name, value]) => [name, asText(value)])),
    credentials: context.iam.sessionOf(text(properties, "Role") ?? "", functionName),
    logGroup:
      text(object(properties, "LoggingConfig"), "LogGroup") ?? `/aws/lambda/${functionName}`,
    logStream: `${day}/[$LATEST]${randomText(context, 32, "0123456789abcdef")}`,
    requestId,
    event,
    startsAt,
  };
}
