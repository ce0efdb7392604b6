import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { AwsError, type Caller, type Iam, type IamRole } from "../../../sandbox/aws-service.ts";
import { cloudFormationPart } from "../../../sandbox/cloudformation/part.ts";
import type { SandboxContext } from "../../../sandbox/sandbox.ts";
import { createBuckets } from "../../../sandbox/services/buckets.ts";

/** CloudFormation on its own: a tiny IAM, a clock that stands still, and a real HTTP server. */
export interface Harness {
  readonly origin: string;
  readonly part: ReturnType<typeof cloudFormationPart>;
  readonly buckets: ReturnType<typeof createBuckets>;
  readonly roles: ReadonlyMap<string, IamRole>;
  call<T = Record<string, unknown>>(action: string, input: Record<string, unknown>): Promise<T>;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Creates a stack from a template and waits until it rests. */
  deploy(template: object, parameters?: Record<string, string>, more?: object): Promise<string>;
  update(template: object, parameters?: Record<string, string>, more?: object): Promise<void>;
  remove(more?: object): Promise<void>;
  status(): Promise<string>;
  /** `LogicalId STATUS` oldest first. */
  events(): Promise<string[]>;
  reasons(): Promise<string[]>;
  /** Physical ids that exist in the account, by logical id. */
  existing(): Promise<Record<string, string>>;
  /** Takes the state as a kill would find it on disk, and goes on in a new process's place. */
  killAndRestart(): Promise<Harness>;
  close(): Promise<void>;
}

export const ACCOUNT = "111122223333";
export const OTHER_ACCOUNT = "444455556666";
export const REGION = "eu-central-1";
export const STACK = "demo";
export const NOW = Date.parse("2031-03-04T05:06:07Z");

interface Saved {
  readonly part: unknown;
  readonly buckets: ReturnType<ReturnType<typeof createBuckets>["snapshot"]>;
  readonly roles: [string, IamRole][];
}

export async function startHarness(saved?: Saved): Promise<Harness> {
  const caller: Caller = {
    accountId: ACCOUNT,
    partition: "aws",
    arn: `arn:aws:iam::${ACCOUNT}:user/tester`,
    userId: "AIDATESTER",
  };
  let origin = "";
  let seed = 7;
  const roles = new Map<string, IamRole>(saved?.roles);
  const context: SandboxContext = {
    clock: { now: () => NOW, advanceTo: () => undefined },
    iam: tinyIam(roles),
    origin: () => origin,
    random: () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed / 2 ** 31;
    },
    changed: () => undefined,
    authenticate: () => caller,
  };
  const buckets = createBuckets();
  if (saved !== undefined) buckets.restore(saved.buckets);
  const part = cloudFormationPart(context, {
    buckets,
    buyers: [
      { accountId: ACCOUNT, name: "Example Buyer" },
      { accountId: OTHER_ACCOUNT, name: "Other account" },
    ],
  });
  if (saved !== undefined) part.restore(saved.part);
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
      const hasBody = incoming.method !== "GET" && incoming.method !== "HEAD";
      const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [
        name,
        String(value),
      ]);
      const request = new Request(new URL(incoming.url ?? "/", origin), {
        method: incoming.method ?? "GET",
        headers: headers.filter(([name]) => !["connection", "transfer-encoding"].includes(name)),
        ...(hasBody ? { body: Buffer.concat(chunks) } : {}),
      });
      const response = (await part.fetch?.(request)) ?? new Response("none", { status: 404 });
      outgoing.writeHead(response.status, Object.fromEntries(response.headers));
      outgoing.end(Buffer.from(await response.arrayBuffer()));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const call = async <T>(action: string, input: Record<string, unknown>): Promise<T> => {
    const request = { action, input, caller, region: REGION, requestId: "r", bodyBytes: 0 };
    return (await part.services[0]!.handle(request)) as T;
  };
  const parameterList = (parameters: Record<string, string>) =>
    Object.entries(parameters).map(([name, value]) => ({
      ParameterKey: name,
      ParameterValue: value,
    }));
  const described = async () =>
    (
      await call<{ StackEvents: Record<string, string>[] }>("DescribeStackEvents", {
        StackName: stackId,
      })
    ).StackEvents.reverse();
  let stackId = STACK;

  const harness: Harness = {
    origin,
    part,
    buckets,
    roles,
    call,
    fetch: (path, init) => fetch(`${origin}${path}`, init),
    async deploy(template, parameters = {}, more = {}) {
      const created = await call<{ StackId: string }>("CreateStack", {
        StackName: STACK,
        TemplateBody: JSON.stringify(template),
        Parameters: parameterList(parameters),
        Capabilities: ["CAPABILITY_NAMED_IAM"],
        ...more,
      });
      stackId = created.StackId;
      await part.settled(stackId);
      return stackId;
    },
    async update(template, parameters = {}, more = {}) {
      await call("UpdateStack", {
        StackName: stackId,
        TemplateBody: JSON.stringify(template),
        Parameters: parameterList(parameters),
        Capabilities: ["CAPABILITY_NAMED_IAM"],
        ...more,
      });
      await part.settled(stackId);
    },
    async remove(more = {}) {
      await call("DeleteStack", { StackName: stackId, ...more });
      await part.settled(stackId);
    },
    async status() {
      const answer = await call<{ Stacks: { StackStatus: string }[] }>("DescribeStacks", {
        StackName: stackId,
      });
      return answer.Stacks[0]!.StackStatus;
    },
    events: async () =>
      (await described()).map((one) => `${one.LogicalResourceId} ${one.ResourceStatus}`),
    reasons: async () => (await described()).flatMap((one) => one.ResourceStatusReason ?? []),
    async existing() {
      const answer = await fetch(
        `${origin}/_sandbox/cloudformation/resources?accountId=${ACCOUNT}`,
      );
      const list = (await answer.json()) as { logicalId: string; physicalId: string }[];
      return Object.fromEntries(list.map(({ logicalId, physicalId }) => [logicalId, physicalId]));
    },
    async killAndRestart() {
      const state = JSON.parse(
        JSON.stringify({ part: part.snapshot(), buckets: buckets.snapshot(), roles: [...roles] }),
      ) as Saved;
      await harness.close();
      const next = await startHarness(state);
      return next;
    },
    async close() {
      await part.close?.();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return harness;
}

/** Roles and their sessions, without any policy language: enough for the engine. */
function tinyIam(roles: Map<string, IamRole>): Iam {
  return {
    createRole(role) {
      if (roles.has(role.arn)) {
        throw new AwsError("EntityAlreadyExists", `Role with name ${role.name} already exists.`);
      }
      roles.set(role.arn, role);
    },
    updateRole: (role) => void roles.set(role.arn, role),
    deleteRole: (arn) => void roles.delete(arn),
    role: (arn) => roles.get(arn),
    sessionOf: (arn, sessionName) => ({
      accessKeyId: "ASIAEXAMPLE",
      secretAccessKey: "secret-of-the-session",
      sessionToken: `${arn} ${sessionName}`,
      expiration: NOW + 3_600_000,
    }),
    isAllowed: () => true,
  };
}
