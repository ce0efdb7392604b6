import { answerCallback } from "./answer-callback.ts";
import { changePlan } from "./change-plan.ts";
import { choosePlan } from "./choose-plan.ts";
import { confirmDeployment } from "./confirm-deployment.ts";
import type { CoreDeps } from "./core-deps.ts";
import { issueInstallCode } from "./issue-install-code.ts";
import { overview } from "./overview.ts";
import type { SiteUseCases } from "./ports.ts";
import { register } from "./register.ts";
import { saveContact } from "./save-contact.ts";
import { endSession, findSession } from "./sessions.ts";

const MONTH = /^\d{4}-(?:0[1-9]|1[0-2])$/;

/** The site's use cases over what the composition root provides. */
export function createSiteUseCases(deps: CoreDeps): SiteUseCases {
  return {
    register: (input) => register(deps, input),
    session: (token) => findSession(deps, token),
    endSession: (token) => endSession(deps, token),
    saveContact: (session, email) => saveContact(deps, session, email),
    contactEmail: (licenseId) => deps.contacts.email(licenseId),
    choosePlan: (session, planId) => choosePlan(deps, session, planId),
    changePlan: (session, planId) => changePlan(deps, session, planId),
    issueInstallCode: (session) => issueInstallCode(deps, session),
    overview: (session) => overview(deps, session),
    confirmDeployment: (session, deploymentId, decision) =>
      confirmDeployment(deps, session, deploymentId, decision),
    statement: async (session, month) =>
      MONTH.test(month) ? deps.metering.statement(session.licenseId, month) : undefined,
    statementMonths: (session) => deps.metering.statementMonths(session.licenseId),
    callback: (envelope) => answerCallback(deps, envelope),
  };
}
