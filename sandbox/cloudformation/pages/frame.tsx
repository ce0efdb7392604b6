import { raw } from "hono/html";
import type { Child } from "hono/jsx";
import type { SandboxBuyer } from "../../create-sandbox.ts";
import { Layout } from "../../pages/layout.tsx";
import { CONSOLE_STYLE } from "./console-style.ts";

/** What every page of the console knows: who is signed in, and where. */
export interface FrameProps {
  readonly title: string;
  readonly region: string;
  readonly now: number;
  readonly buyers: readonly SandboxBuyer[];
  readonly account: SandboxBuyer;
  /** Path and query: switching the account comes back here. */
  readonly path: string;
  readonly children?: Child;
}

export function Frame({ region, children, ...layout }: FrameProps) {
  return (
    <Layout {...layout}>
      <style>{raw(CONSOLE_STYLE)}</style>
      <script src="/cloudformation/console.js" defer></script>
      <nav class="trail" aria-label="Breadcrumb">
        CloudFormation · {region === "" ? "no region" : region} ·{" "}
        <a href={`/cloudformation/stacks?region=${region}`}>Stacks</a>
      </nav>
      {children}
    </Layout>
  );
}

/** A refusal in the words of CloudFormation. */
export function Alert({ title, message }: { title: string; message: string | undefined }) {
  if (message === undefined) return null;
  return (
    <div class="box alert" role="alert">
      <h2>{title}</h2>
      <p>{message}</p>
    </div>
  );
}

export function Status({ status }: { status: string }) {
  const bad = /FAILED|ROLLBACK/.test(status);
  const tone = status.endsWith("_IN_PROGRESS") ? "wait" : bad ? "bad" : "good";
  return <span class={`status ${tone}`}>{status}</span>;
}

/** Seconds matter here: events come fast. */
export function Time({ at }: { at: number }) {
  const iso = new Date(at).toISOString();
  return <time datetime={iso}>{`${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`}</time>;
}
