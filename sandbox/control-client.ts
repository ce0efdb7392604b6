import type {
  AgreementAnswer,
  ClockAnswer,
  ClockMove,
  CostSource,
  CostSourceSummary,
  DuplicateBilling,
  EndOptions,
  Entitlement,
  FaultRule,
  IdentityAnswer,
  Invoice,
  LicenseState,
  LifecycleEvent,
  LoggedCall,
  MeteringCall,
  MeteringRecord,
  NewAgreementAnswer,
  NewAgreementRequest,
  NewOfferRequest,
  NewRoleRequest,
  Offer,
  PriceChange,
  PriceChangeRequest,
  Restatement,
  SellerReport,
  Settings,
  StoredFault,
  TagChange,
  TagStatus,
} from "./control/control-types.ts";

/** The control API under `/_sandbox/`, typed, for scripts and tests in any process. */
export interface SandboxControl {
  clock(): Promise<ClockAnswer>;
  moveClock(move: ClockMove): Promise<ClockAnswer>;

  faults(): Promise<readonly StoredFault[]>;
  addFault(rule: FaultRule): Promise<StoredFault>;
  setFaults(rules: readonly FaultRule[]): Promise<readonly StoredFault[]>;

  costSources(): Promise<readonly CostSourceSummary[]>;
  addCostSource(source: CostSource): Promise<CostSourceSummary>;
  restate(
    restatement: Pick<Restatement, "accountId" | "day" | "amountUsd"> &
      Partial<Pick<Restatement, "recordType" | "service">>,
  ): Promise<Restatement>;

  /** Activates or deactivates a cost-allocation tag, as the payer does. */
  changeCostTag(change: TagChange): Promise<TagStatus>;

  agreements(): Promise<readonly AgreementAnswer[]>;
  subscribe(request?: NewAgreementRequest): Promise<NewAgreementAnswer>;
  cancel(agreementId: string, options?: EndOptions): Promise<AgreementAnswer>;
  registrationToken(agreementId: string): Promise<string>;
  /** A private or free-trial offer, to be accepted by `subscribe({ offerId })`. */
  makeOffer(offer: NewOfferRequest): Promise<Offer>;
  /** Changes the public listing's price of a dimension. */
  changePrice(change: PriceChangeRequest): Promise<PriceChange>;
  /** What AWS bills for the usage of a month, `YYYY-MM`: an estimate until the 2nd of the next. */
  invoices(month: string): Promise<readonly Invoice[]>;
  /** CSV, as a seller downloads it: usage of days that are over, or revenue once it is billed. */
  sellerReport(report: SellerReport, month: string): Promise<string>;
  suspend(licenseId: string): Promise<LicenseState>;
  resume(licenseId: string): Promise<LicenseState>;
  /** Replaces what a contract grants, and sends License Updated again. */
  setEntitlements(licenseId: string, entitlements: readonly Entitlement[]): Promise<LicenseState>;

  /** Answers the role's ARN. */
  createRole(role: NewRoleRequest): Promise<string>;

  /** What AWS has: the truth. */
  meteringRecords(licenseArn?: string): Promise<readonly MeteringRecord[]>;
  /** Hours that were metered by ProductCode and by LicenseArn: both are billed. */
  duplicateBilling(): Promise<readonly DuplicateBilling[]>;
  meteringCalls(): Promise<readonly MeteringCall[]>;
  events(): Promise<readonly LifecycleEvent[]>;
  requests(): Promise<readonly LoggedCall[]>;
  identity(): Promise<IdentityAnswer>;
  changeSettings(settings: Partial<Settings>): Promise<Settings>;
}

export function sandboxControl(origin: string): SandboxControl {
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(new URL(`/_sandbox/${path}`, origin), {
      method,
      ...(body === undefined
        ? {}
        : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as T & { error?: string };
    if (!response.ok) throw new Error(answer.error ?? `The sandbox answered ${response.status}.`);
    return answer;
  };
  const id = encodeURIComponent;

  return {
    clock: () => call("GET", "clock"),
    moveClock: (move) => call("POST", "clock", move),
    faults: () => call("GET", "faults"),
    addFault: (rule) => call("POST", "faults", rule),
    setFaults: (rules) => call("PUT", "faults", rules),
    costSources: () => call("GET", "cost-sources"),
    addCostSource: (source) => call("POST", "cost-sources", source),
    restate: (restatement) => call("POST", "restatements", restatement),
    changeCostTag: (change) => call("POST", "cost-allocation-tags", change),
    agreements: () => call("GET", "agreements"),
    subscribe: (request = {}) => call("POST", "agreements", request),
    cancel: (agreementId, options = {}) =>
      call("POST", `agreements/${id(agreementId)}/cancel`, options),
    registrationToken: async (agreementId) =>
      (await call<{ registrationToken: string }>("POST", "registration-tokens", { agreementId }))
        .registrationToken,
    makeOffer: (offer) => call("POST", "offers", offer),
    changePrice: (change) => call("POST", "price-changes", change),
    invoices: (month) => call("GET", `invoices?month=${id(month)}`),
    async sellerReport(report, month) {
      const path = `/_sandbox/reports/${report}?month=${id(month)}`;
      const response = await fetch(new URL(path, origin));
      if (response.ok) return response.text();
      const { error } = (await response.json()) as { error?: string };
      throw new Error(error ?? `The sandbox answered ${response.status}.`);
    },
    suspend: (licenseId) => call("POST", `licenses/${id(licenseId)}/suspend`),
    resume: (licenseId) => call("POST", `licenses/${id(licenseId)}/resume`),
    setEntitlements: (licenseId, entitlements) =>
      call("PUT", `licenses/${id(licenseId)}/entitlements`, { entitlements }),
    createRole: async (role) => (await call<{ arn: string }>("POST", "roles", role)).arn,
    meteringRecords: (licenseArn) =>
      call(
        "GET",
        licenseArn === undefined
          ? "metering-records"
          : `metering-records?licenseArn=${id(licenseArn)}`,
      ),
    duplicateBilling: () => call("GET", "duplicate-billing"),
    meteringCalls: () => call("GET", "metering-calls"),
    events: () => call("GET", "events"),
    requests: () => call("GET", "requests"),
    identity: () => call("GET", "identity"),
    changeSettings: (settings) => call("PUT", "settings", settings),
  };
}
