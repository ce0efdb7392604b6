import type { SandboxBuyer } from "../create-sandbox.ts";
import type { SandboxContext, SandboxPart } from "../sandbox.ts";
import type { Buckets } from "../services/buckets.ts";
import { controlRoutes } from "./control.ts";
import { createResponseUrls } from "./custom-resources/response-urls.ts";
import { createFailures, type Failures } from "./failures.ts";
import { createFunctions } from "./functions/invoke.ts";
import { createInventory } from "./inventory.ts";
import { createLogGroups } from "./log-groups.ts";
import { consolePages } from "./pages/routes.tsx";
import { cloudFormationService } from "./requests/service.ts";
import type { Engine } from "./stacks/engine.ts";
import { createOperations } from "./stacks/operations.ts";
import { restoreState, saveState } from "./state.ts";
import { createWatchers } from "./watchers.ts";

export interface CloudFormationPart extends SandboxPart {
  /** Resolves when no stack is in progress any more: this one, or all. */
  settled(stackId?: string): Promise<void>;
  /** Resolves when, besides, no function runs any more: a stack does not wait for their ends. */
  idle(): Promise<void>;
  /** Failures to be had on purpose; also under `/_sandbox/cloudformation/failures`. */
  readonly failures: Failures;
}

export interface CloudFormationOptions {
  /** S3's buckets: templates come from them, and stacks make them. */
  readonly buckets: Buckets;
  /** Whose accounts a browser can be signed in to; the first unless its cookie says otherwise. */
  readonly buyers: readonly SandboxBuyer[];
}

const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/** CloudFormation: its API, its console pages, and the functions of the stacks. */
export function cloudFormationPart(
  context: SandboxContext,
  { buckets, buyers }: CloudFormationOptions,
): CloudFormationPart {
  const stopping = new AbortController();
  const watchers = createWatchers();
  const inventory = createInventory();
  const logGroups = createLogGroups();
  const failures = createFailures();
  const responseUrls = createResponseUrls({ origin: () => context.origin() });
  const functions = createFunctions({ context, inventory, logGroups });
  const engine: Engine = {
    context,
    buckets,
    inventory,
    logGroups,
    functions,
    responseUrls,
    failures,
    stacks: new Map(),
    changed(stack) {
      context.changed();
      watchers.tell(stack.id);
    },
    stopping: stopping.signal,
  };
  const operations = createOperations(engine);
  const control = controlRoutes({ engine, operations });
  const pages = consolePages({ engine, operations, buyers, watchers });
  let interrupted = false;
  /** Functions need the sandbox's address, so what a kill interrupted waits for it. */
  const goOn = () => {
    if (interrupted) operations.resume();
    interrupted = false;
  };
  return {
    services: [cloudFormationService({ engine, operations })],
    failures,
    async fetch(request) {
      // A page of the internet whose name was pointed at 127.0.0.1 gets nothing.
      if (!LOOPBACK.includes(new URL(request.url).hostname)) return undefined;
      return (await responseUrls.fetch(request)) ?? (await control(request)) ?? pages(request);
    },
    settled: (stackId) => operations.settled(stackId),
    async idle() {
      await operations.settled();
      await functions.idle();
    },
    snapshot: () => saveState(engine),
    restore(saved) {
      restoreState(engine, saved);
      interrupted = true;
      void whenListening(context, stopping.signal).then(goOn);
    },
    async close() {
      stopping.abort();
      watchers.close();
      await functions.close();
      await operations.settled();
    },
  };
}

/** Parts are restored before the server listens; it has an origin from then on. */
async function whenListening(context: SandboxContext, stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted && !/:[1-9]\d*$/.test(context.origin())) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
