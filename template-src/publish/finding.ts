/** One thing that a linter has to say about a template. */
export interface Finding {
  readonly engine: "cfn-lint" | "cloudformation-validate" | "launchmeter";
  /** e.g. W3005, or one of our own: LM03. */
  readonly rule: string;
  readonly severity: "error" | "warning";
  /** Path inside the template, e.g. Resources.CostReadRole.Properties. */
  readonly where: string;
  readonly message: string;
}
