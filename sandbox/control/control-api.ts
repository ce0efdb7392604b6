import { Hono } from "hono";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { LoggedCall } from "../aws-endpoint.ts";
import type { SandboxBuyer, SandboxProduct } from "../create-sandbox.ts";
import type { Faults } from "../faults.ts";
import type { IamStore } from "../iam/iam-store.ts";
import type { MarketplacePart } from "../marketplace/marketplace-part.ts";
import type { LicenseState } from "../marketplace/state.ts";
import { base32Text } from "../random.ts";
import type { SandboxContext } from "../sandbox.ts";
import type { CostExplorer } from "../services/cost-explorer.ts";
import type { Settings } from "../settings.ts";
import type { IdentityAnswer, NewAgreementAnswer } from "./control-types.ts";
import { bodyOf, notFound, refusing } from "./answers.ts";
import { billingRoutes } from "./billing-routes.ts";
import * as schemas from "./request-schemas.ts";

export interface ControlDeps {
  readonly context: SandboxContext;
  readonly iam: IamStore;
  readonly faults: Faults;
  readonly marketplacePart: MarketplacePart;
  readonly costs: CostExplorer;
  readonly settings: Settings;
  readonly calls: readonly LoggedCall[];
  readonly products: readonly SandboxProduct[];
  readonly buyers: readonly SandboxBuyer[];
}

/** What a test or a person does to the sandbox's world: time, faults, costs, agreements. */
export function controlApi(deps: ControlDeps): Hono {
  const app = new Hono().basePath("/_sandbox");
  clockRoutes(app, deps);
  faultRoutes(app, deps);
  costRoutes(app, deps);
  agreementRoutes(app, deps);
  licenseRoutes(app, deps);
  billingRoutes(app, deps);
  recordRoutes(app, deps);
  accountRoutes(app, deps);
  app.all("*", (c) => c.json({ error: "The control API has no such path." }, 404));
  app.onError((error, c) => {
    const known = error instanceof HTTPException;
    if (!known) console.error("The sandbox's control API failed:", error);
    const status: ContentfulStatusCode = known ? error.status : 500;
    return c.json(
      { error: known ? error.message : "The sandbox failed; see its console." },
      status,
    );
  });
  return app;
}

function clockRoutes(app: Hono, { context }: ControlDeps): void {
  const answer = () => {
    const now = context.clock.now();
    return { now, iso: new Date(now).toISOString() };
  };
  app.get("/clock", (c) => c.json(answer()));
  app.post("/clock", async (c) => {
    const move = await bodyOf(c, schemas.clockMove);
    const target =
      "advanceBy" in move
        ? context.clock.now() + move.advanceBy
        : typeof move.advanceTo === "number"
          ? move.advanceTo
          : Date.parse(move.advanceTo);
    refusing(409, () => context.clock.advanceTo(target));
    context.changed();
    return c.json(answer());
  });
}

function faultRoutes(app: Hono, { faults, settings, context }: ControlDeps): void {
  app.get("/faults", (c) => c.json(faults.list()));
  app.post("/faults", async (c) => c.json(faults.add(await bodyOf(c, schemas.oneFault)), 201));
  app.put("/faults", async (c) => c.json(faults.set(await bodyOf(c, schemas.allFaults))));
  app.delete("/faults", (c) => c.json(faults.set([])));
  app.delete("/faults/:id", (c) => {
    if (!faults.remove(c.req.param("id"))) throw notFound("fault", c.req.param("id"));
    return c.json(faults.list());
  });
  app.get("/settings", (c) => c.json(settings));
  app.put("/settings", async (c) => {
    Object.assign(settings, await bodyOf(c, schemas.settings));
    context.changed();
    return c.json(settings);
  });
}

function costRoutes(app: Hono, { costs }: ControlDeps): void {
  app.get("/cost-sources", async (c) => c.json(await costs.sources()));
  app.post("/cost-sources", async (c) => {
    const source = await bodyOf(c, schemas.costSource);
    return c.json(await refusing(422, () => costs.addSource(source)), 201);
  });
  app.get("/cost-allocation-tags", (c) => c.json(costs.tags()));
  app.post("/cost-allocation-tags", async (c) => {
    const change = await bodyOf(c, schemas.tagChange);
    return c.json(refusing(422, () => costs.changeTag(change)));
  });
  app.get("/restatements", (c) => c.json(costs.restatements()));
  app.post("/restatements", async (c) => {
    const wanted = await bodyOf(c, schemas.restatement);
    return c.json(
      refusing(422, () => costs.restate(wanted)),
      201,
    );
  });
}

function agreementRoutes(app: Hono, deps: ControlDeps): void {
  const { state, marketplace } = deps.marketplacePart;
  const all = () =>
    Object.values(state.agreements).map((agreement) => ({
      ...agreement,
      license: state.licenses[agreement.licenseArn],
    }));
  const one = (id: string) => {
    const found = all().find(({ agreementId }) => agreementId === id);
    if (found === undefined) throw notFound("agreement", id);
    return found;
  };

  app.get("/agreements", (c) => c.json(all()));
  app.post("/agreements", async (c) => {
    const { accountId, productCode, ...rest } = await bodyOf(c, schemas.newAgreement);
    const agreement = refusing(422, () =>
      marketplace.subscribe({
        buyerAccountId: accountId ?? deps.buyers[0]?.accountId ?? "",
        productCode: productCode ?? deps.products[0]?.productCode ?? "",
        ...rest,
      }),
    );
    const answer: NewAgreementAnswer = {
      agreementId: agreement.agreementId,
      licenseArn: agreement.licenseArn,
      registrationToken: marketplace.registrationToken(agreement.agreementId),
      productCode: agreement.productCode,
      accountId: agreement.buyerAccountId,
    };
    return c.json(answer, 201);
  });
  app.get("/agreements/:id", (c) => c.json(one(c.req.param("id"))));
  app.post("/agreements/:id/cancel", async (c) => {
    const { agreementId } = one(c.req.param("id"));
    const options = await bodyOf(c, schemas.endOfAgreement);
    refusing(409, () => marketplace.cancel(agreementId, options));
    return c.json(one(agreementId));
  });
  app.post("/registration-tokens", async (c) => {
    const { agreementId } = one((await bodyOf(c, schemas.tokenRequest)).agreementId);
    return c.json({ registrationToken: marketplace.registrationToken(agreementId) }, 201);
  });
}

function licenseRoutes(app: Hono, deps: ControlDeps): void {
  const { marketplace } = deps.marketplacePart;
  const arnOf = (c: Context): string => licenseOf(deps, c.req.param("id") ?? "").licenseArn;
  app.post("/licenses/:id/suspend", (c) => c.json(marketplace.suspend(arnOf(c))));
  app.post("/licenses/:id/resume", (c) => c.json(marketplace.resume(arnOf(c))));
  app.put("/licenses/:id/entitlements", async (c) => {
    const { entitlements } = await bodyOf(c, schemas.entitlementsOfLicense);
    return c.json(refusing(422, () => marketplace.setEntitlements(arnOf(c), entitlements)));
  });
}

function recordRoutes(app: Hono, deps: ControlDeps): void {
  const { marketplacePart, calls } = deps;
  app.get("/metering-records", (c) => {
    const license = c.req.query("licenseArn");
    const records = Object.values(marketplacePart.state.records)
      .filter(({ licenseArn }) => license === undefined || licenseArn === license)
      .sort((left, right) => left.hour - right.hour || left.receivedAt - right.receivedAt);
    return c.json(records);
  });
  app.get("/metering-calls", (c) => c.json(marketplacePart.meteringCalls()));
  app.get("/events", (c) => c.json(marketplacePart.events()));
  app.get("/requests", (c) => c.json(calls));
}

function accountRoutes(app: Hono, deps: ControlDeps): void {
  const { iam, context } = deps;
  app.get("/identity", (c) => c.json(identity(deps)));
  app.post("/roles", async (c) => {
    const wanted = await bodyOf(c, schemas.newRole);
    const arn = `arn:aws:iam::${wanted.accountId}:role/${wanted.name}`;
    const id = `AROA${base32Text(() => context.random(), 17)}`;
    refusing(409, () => iam.createRole({ ...wanted, arn, id }));
    return c.json({ arn }, 201);
  });
}

function identity({
  context,
  iam,
  buyers,
  products,
  marketplacePart,
}: ControlDeps): IdentityAnswer {
  const account = (accountId: string) => {
    const { accessKeyId, secretAccessKey } = iam.administratorOf(accountId);
    return { accountId, accessKeyId, secretAccessKey };
  };
  const seller = account(products[0]?.sellerAccountId ?? "");
  return {
    origin: context.origin(),
    lifecycleQueueUrl: marketplacePart.lifecycleQueueUrl(),
    seller,
    buyers: buyers.map(({ accountId, name }) => ({ ...account(accountId), name })),
    products: products.map(({ productCode, productId }) => ({ productCode, productId })),
    environment: {
      AWS_ENDPOINT_URL: context.origin(),
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: seller.accessKeyId,
      AWS_SECRET_ACCESS_KEY: seller.secretAccessKey,
    },
  };
}

/** By ARN or by the `l-…` in it: an ARN is awkward in a path. */
function licenseOf({ marketplacePart }: ControlDeps, id: string): LicenseState {
  const license = Object.values(marketplacePart.state.licenses).find(
    ({ licenseArn }) => licenseArn === id || licenseArn.endsWith(`:${id}`),
  );
  if (license === undefined) throw notFound("license", id);
  return license;
}
