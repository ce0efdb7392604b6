import type { Page } from "playwright-core";
import type { Memory } from "./memory-use-cases.ts";
import { aLicense, anOverview, aStatement, aTroubledStatement, NOW } from "./samples.ts";
import { aSite, type TestSite } from "./site.ts";

/** A page in a state worth looking at. */
export interface SamplePage {
  readonly name: string;
  readonly path: string;
  readonly signedIn: boolean;
  /** Forms are taken from this origin only, which is known once the server listens. */
  readonly site: (origin: string) => TestSite;
  /** What to do before looking. */
  readonly act?: (page: Page) => Promise<void>;
  readonly print?: boolean;
}

/** Over plain http, as on a laptop. */
const siteWith =
  (over: Partial<Memory> = {}) =>
  (origin: string) =>
    aSite(over, { secureCookies: false, origin });

const anotherMonth = aTroubledStatement();

const signedInPages = (): SamplePage[] => {
  const running = {
    deployments: [
      anOverview({ lastCostDay: "2026-11-20", lastReadAt: NOW - 40 * 60_000 }),
      anOverview(
        {},
        {
          deploymentId: "d-51c0ffee0a17",
          accountId: "444455556666",
          region: "us-west-2",
          stackId:
            "arn:aws:cloudformation:us-west-2:444455556666:stack/analytics/9b1de2a8-c6b4-11f1-9a54-0a1b2c3d4e5f",
          readRoleArn: "arn:aws:iam::444455556666:role/analytics-CostReadRole-7TQ0ZC51M2X8R",
          state: "awaiting-confirmation",
          templateVersion: "0.9.2",
        },
      ),
    ],
    statements: [aStatement(), anotherMonth],
    email: "cloud-team@example.com",
  };
  const page = (name: string, path: string, over: Partial<Memory>, more = {}): SamplePage => ({
    name,
    path,
    signedIn: true,
    site: siteWith(over),
    ...more,
  });
  return [
    page("setup", "/setup", {}),
    page("setup-waiting-for-aws", "/setup", {
      status: "waiting-for-aws",
      license: aLicense({ activatedAt: undefined }),
    }),
    page("setup-running", "/setup", {
      ...running,
      license: aLicense({ plan: { id: "share", since: NOW, fixed: true } }),
    }),
    page("setup-ended", "/setup", { status: "ended", license: aLicense({ endedAt: NOW }) }),
    page("launch", "/setup", {}, { act: launchFromSetup }),
    page("waiting", "/setup/waiting?pause", {}),
    page("plan", "/plan", { license: aLicense({ plan: SHARE }) }),
    page("plan-coming", "/plan?changed", {
      license: aLicense({
        plan: { id: "license", since: MIDNIGHT, fixed: true },
        earlierPlans: [{ ...SHARE, until: MIDNIGHT }],
      }),
    }),
    page(
      "plan-refused",
      "/plan",
      {
        license: aLicense({ plan: { ...SHARE, fixed: true } }),
        changeAnswer: { kind: "cost-taken", accountId: "111122223333" },
      },
      { act: changePlan },
    ),
    page("deployments", "/deployments", running),
    page("deployment", "/deployments/d-7f3a9c2e51b8", running),
    page("deployment-foreign", "/deployments/d-51c0ffee0a17", running),
    page("deployment-unreadable", "/deployments/d-7f3a9c2e51b8", {
      deployments: [
        anOverview({
          readProblem:
            "AWS refused to let us assume the role: it was deleted, or its trust policy was changed. Update the stack to restore it.",
          lastReadAt: NOW,
        }),
      ],
    }),
    page("statements", "/statements", running),
    page("statement", "/statements/2026-11", running, { print: true }),
    page("statement-exact", "/statements/2026-11?exact", running),
    page("statement-license", "/statements/2026-10", running, { print: true }),
  ];
};

const SHARE = { id: "share", since: NOW - 18 * 24 * 3_600_000 };
const MIDNIGHT = Date.UTC(2026, 10, 22);

async function changePlan(page: Page): Promise<void> {
  await page.locator("#plan-license").check();
  await page.getByRole("button", { name: "Change plan" }).click();
  await page.waitForSelector(".notice.bad");
}

async function launchFromSetup(page: Page): Promise<void> {
  await page.selectOption("#region", "eu-central-1");
  await page.getByRole("button", { name: "Launch Stack" }).click();
  await page.waitForSelector("#install-code");
}

export const samplePages = (): SamplePage[] => [
  { name: "home", path: "/", signedIn: false, site: siteWith() },
  { name: "template", path: "/template", signedIn: false, site: siteWith() },
  { name: "refusal-signed-out", path: "/setup", signedIn: false, site: siteWith() },
  { name: "refusal-not-found", path: "/nowhere", signedIn: false, site: siteWith() },
  { name: "statement-format", path: "/statements/format", signedIn: false, site: siteWith() },
  ...signedInPages(),
];
