import { describe, expect, it } from "vitest";
import { movableClock } from "../../sandbox/clock.ts";
import { iamStore } from "../../sandbox/iam/iam-store.ts";
import { seededRandom } from "../../sandbox/random.ts";
import { BUYER, START } from "./a-sandbox.ts";

const ARN = `arn:aws:iam::${BUYER}:role/path/Reader`;

function aStore() {
  const random = seededRandom(1);
  const clock = movableClock(START);
  const store = iamStore({ clock, random: () => random.next(), changed: () => undefined });
  return { store, clock };
}

const aRole = (id = "AROA1") => ({
  arn: ARN,
  accountId: BUYER,
  name: "Reader",
  id,
  trustPolicy: { Statement: [] },
  policies: { read: { Statement: { Effect: "Allow", Action: "ce:Get*", Resource: "*" } } },
});

describe("roles", () => {
  it("give sessions their own permissions, and a name without the role's path", () => {
    const { store } = aStore();
    store.createRole(aRole());
    const { caller } = store.startSession(ARN, "metering", 1000);

    expect(caller).toMatchObject({
      arn: `arn:aws:sts::${BUYER}:assumed-role/Reader/metering`,
      userId: "AROA1:metering",
    });
    expect(store.isAllowed(caller, "ce:GetCostAndUsage", "*")).toBe(true);
    expect(store.isAllowed(caller, "s3:GetObject", "*")).toBe(false);
  });

  it("exist once", () => {
    const { store } = aStore();
    store.createRole(aRole());

    expect(() => store.createRole(aRole())).toThrow("already exists");
  });

  it("take their permissions with them, and a new one of the same name doesn't give them back", () => {
    const { store } = aStore();
    store.createRole(aRole());
    const { caller } = store.startSession(ARN, "metering", 1000);

    store.deleteRole(ARN);
    expect(store.isAllowed(caller, "ce:GetCostAndUsage", "*")).toBe(false);
    store.createRole(aRole("AROA2"));
    expect(store.isAllowed(caller, "ce:GetCostAndUsage", "*")).toBe(false);
  });

  it("change what running sessions may do", () => {
    const { store } = aStore();
    store.createRole(aRole());
    const { caller } = store.startSession(ARN, "metering", 1000);
    store.updateRole({ ...aRole(), policies: {} });

    expect(store.isAllowed(caller, "ce:GetCostAndUsage", "*")).toBe(false);
  });

  it("can't be had when they aren't there", () => {
    expect(() => aStore().store.sessionOf(ARN, "function")).toThrow(`The role ${ARN} is gone.`);
  });
});

describe("credentials", () => {
  it("are made once for an account, and survive a snapshot", () => {
    const { store } = aStore();
    const first = store.administratorOf(BUYER);
    const other = aStore().store;
    other.restore(store.snapshot());

    expect(store.administratorOf(BUYER)).toBe(first);
    expect(other.administratorOf(BUYER)).toEqual(first);
    expect(first.accessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/);
  });

  it("of sessions are forgotten a day after they expired", () => {
    const { store, clock } = aStore();
    store.createRole(aRole());
    const { credentials } = store.startSession(ARN, "one", 1000);
    clock.advanceTo(clock.now() + 2 * 86_400_000);
    store.startSession(ARN, "two", 1000);

    expect(store.credentials(credentials.accessKeyId)).toBeUndefined();
  });
});
