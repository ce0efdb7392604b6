import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import type { Product } from "../../product/definition.ts";
import { addLaunchStack } from "../launch-stack/launch-stack.ts";

export interface SynthesizeInput {
  readonly product: Product;
  readonly callbackUrl: string;
  readonly audience: string;
}

export interface SynthesizedTemplate {
  /** Indented: a buyer's engineer reads it. Far below the 51,200 bytes that need no bucket. */
  readonly json: string;
  readonly sha256: string;
  readonly version: string;
  readonly resources: number;
  readonly bytes: number;
}

/**
 * The launch stack as one self-contained CloudFormation template.
 *
 * The same product and site give the same bytes in any folder and on any supported Node.
 */
export function synthesizeLaunchStack(input: SynthesizeInput): SynthesizedTemplate {
  requireHttps("callbackUrl", input.callbackUrl);
  requireHttps("audience", input.audience);
  const template = synthesized(input);
  const json = `${JSON.stringify(template, null, 1)}\n`;
  return {
    json,
    sha256: createHash("sha256").update(json).digest("hex"),
    version: input.product.launchStack.version,
    resources: Object.keys(template.Resources).length,
    bytes: Buffer.byteLength(json),
  };
}

function synthesized(input: SynthesizeInput): { readonly Resources: Record<string, unknown> } {
  const outdir = mkdtempSync(join(tmpdir(), "launch-stack-"));
  try {
    const app = new App({
      outdir,
      // No CDKMetadata resource, and no version of ours in a buyer's account.
      analyticsReporting: false,
      treeMetadata: false,
      // Linting is a step of its own (`launchmeter lint`): here it would cost two seconds.
      builtinCloudFormationValidation: false,
      context: { "aws:cdk:enable-path-metadata": false, "aws:cdk:enable-asset-metadata": false },
    });
    const stack = addLaunchStack(app, input);
    return app.synth().getStackArtifact(stack.artifactId).template as {
      readonly Resources: Record<string, unknown>;
    };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** A proof of account over plain HTTP could be read on its way; a laptop's own site is the exception. */
function requireHttps(what: string, url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const local = parsed?.hostname === "localhost" || parsed?.hostname === "127.0.0.1";
  if (parsed?.protocol === "https:" || (local && parsed?.protocol === "http:")) return;
  throw new Error(
    `${what} is ${JSON.stringify(url)}: it must be an https URL (plain http only on localhost).`,
  );
}
