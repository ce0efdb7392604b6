import { isInProgress, type Stack } from "../stacks/stack.ts";
import type { Watchers } from "../watchers.ts";
import { LiveStack } from "./stack-page.tsx";

/** The live part of a stack's page after each change, until the stack rests. */
export function streamOf(watchers: Watchers, stack: Stack): Response {
  let stop = () => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const encoder = new TextEncoder();
      const say = (event: string, data: string) =>
        controller.enqueue(encoder.encode(`event: ${event}\ndata: ${data}\n\n`));
      const end = () => {
        stop();
        controller.close();
      };
      const show = () => say("stack", JSON.stringify(markup(<LiveStack stack={stack} />)));
      // Many changes come in one turn of the event loop: one picture shows them all.
      let pending: NodeJS.Immediate | undefined;
      const unwatch = watchers.watch(stack.id, (closed) => {
        if (closed) return end();
        pending ??= setImmediate(() => {
          pending = undefined;
          show();
          if (isInProgress(stack)) return;
          say("rest", "");
          end();
        });
      });
      stop = () => {
        unwatch();
        clearImmediate(pending);
      };
      show();
      if (!isInProgress(stack)) {
        say("rest", "");
        end();
      }
    },
    cancel: () => stop(),
  });
  return new Response(body, {
    headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" },
  });
}

function markup(element: ReturnType<typeof LiveStack>): string {
  if (element instanceof Promise) throw new TypeError("the live part of a stack waits for nothing");
  return element.toString();
}
