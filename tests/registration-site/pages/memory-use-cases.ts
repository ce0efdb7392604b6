import type { Statement } from "../../../metering/domain/statement.ts";
import type { License } from "../../../metering/domain/license.ts";
import type {
  DeploymentOverview,
  LicenseOverview,
  Session,
  SiteUseCases,
} from "../../../registration-site/ports.ts";
import type { CallbackEnvelope } from "../../../template-src/contract.ts";

type Answer<Name extends keyof SiteUseCases> = Awaited<ReturnType<SiteUseCases[Name]>>;

/** What a test sets up and looks at afterwards. */
export interface Memory {
  registration: Answer<"register">;
  license: License;
  status: LicenseOverview["status"];
  deployments: DeploymentOverview[];
  statements: Statement[];
  email: string | undefined;
  sessions: Map<string, Session>;
  callbackAnswer: Answer<"callback">;
  planAnswer: Answer<"choosePlan">;
  changeAnswer: Answer<"changePlan">;
  /** Every call that changes something, in order. */
  readonly calls: { readonly name: keyof SiteUseCases; readonly input: unknown }[];
}

/**
 * The site's use cases kept in memory: remembers, looks up, answers what the test decided.
 * It holds no rule about money or trust, so no rule can be misunderstood here.
 */
export function memoryUseCases(memory: Memory): SiteUseCases {
  const note = (name: keyof SiteUseCases, input: unknown) => memory.calls.push({ name, input });
  return {
    async register(input) {
      note("register", input);
      return input.registrationToken === undefined
        ? { kind: "missing-token" }
        : memory.registration;
    },
    session: async (token) => (token === undefined ? undefined : memory.sessions.get(token)),
    async endSession(token) {
      note("endSession", token);
      memory.sessions.delete(token);
    },
    async saveContact(_session, email) {
      note("saveContact", email);
      if (!email.includes("@")) return { kind: "bad-email" };
      memory.email = email;
      return { kind: "saved" };
    },
    contactEmail: async () => memory.email,
    async choosePlan(_session, planId) {
      note("choosePlan", planId);
      return memory.planAnswer;
    },
    async changePlan(_session, planId) {
      note("changePlan", planId);
      return memory.changeAnswer;
    },
    async issueInstallCode(session) {
      note("issueInstallCode", session.licenseId);
      return {
        code: "K7QM-3XRD-9VTA",
        expiresAt: Date.UTC(2026, 10, 22, 9, 30),
        externalIds: ["lm-4f0c9b1de2a84b7c9d31"],
      };
    },
    overview: async () => ({
      license: memory.license,
      status: memory.status,
      deployments: memory.deployments,
    }),
    async confirmDeployment(_session, deploymentId, decision) {
      note("confirmDeployment", { deploymentId, decision });
      const known = memory.deployments.some((d) => d.deployment.deploymentId === deploymentId);
      return { kind: known ? "done" : "unknown" };
    },
    statement: async (_session, month) => memory.statements.find((s) => s.month === month),
    statementMonths: async () => memory.statements.map(({ month }) => month),
    async callback(envelope: CallbackEnvelope) {
      note("callback", envelope);
      return memory.callbackAnswer;
    },
  };
}
