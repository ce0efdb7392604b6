import { findCfnLint, runCfnLint } from "./cfn-lint.ts";
import type { Finding } from "./finding.ts";
import { launchFindings } from "./launch-rules.ts";
import { runWasmValidator, wasmValidatorVersion } from "./wasm-validator.ts";

export interface LintInput {
  readonly json: string;
  /** Every region in which the stack may be launched. */
  readonly regions: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Lets uvx or pipx fetch cfn-lint. */
  readonly allowDownload: boolean;
  /** Throws when the real cfn-lint can't be found, instead of falling back. */
  readonly requireCfnLint: boolean;
}

export interface LintReport {
  /** What ran, with versions: nobody should believe in a check that didn't happen. */
  readonly engines: readonly string[];
  /** Said when the real cfn-lint did not run. */
  readonly caveat?: string;
  readonly findings: readonly Finding[];
}

/** Lints a launch template with our own rules and with the best engine that this machine has. */
export async function lintTemplate(input: LintInput): Promise<LintReport> {
  const own = launchFindings(input.json);
  const cfnLint = await findCfnLint(input);
  if (cfnLint !== undefined) {
    const found = await runCfnLint(cfnLint, input.json, input.regions, input.environment);
    return {
      engines: [`${cfnLint.version} for ${input.regions.length} regions`, "launch rules"],
      findings: [...found, ...own],
    };
  }
  if (input.requireCfnLint) {
    throw new Error(
      "cfn-lint was required and could not be found. Install it (pip install cfn-lint), set CFN_LINT to its command, or allow uvx or pipx to download it with --allow-download.",
    );
  }
  return {
    engines: [wasmValidatorVersion(), "launch rules"],
    caveat:
      "The real cfn-lint was not found, so it did NOT run. AWS's npm validator and our own rules did, which cover most but not all of its rules and no differences between regions. Install it with: pip install cfn-lint",
    findings: [...runWasmValidator(input.json), ...own],
  };
}
