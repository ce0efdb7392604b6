import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  type StackEvent,
} from "@aws-sdk/client-cloudformation";
import { setTimeout as sleep } from "node:timers/promises";
import type { Sandbox } from "../../sandbox/create-sandbox.ts";

/** What a buyer's browser does on the registration site: forms, cookies, redirects. */
export interface Browser {
  get(path: string): Promise<string>;
  post(path: string, form: Readonly<Record<string, string>>): Promise<string>;
}

export function browser(origin: string): Browser {
  const cookies = new Map<string, string>();
  async function visit(path: string, init: RequestInit = {}): Promise<string> {
    const response = await fetch(new URL(path, origin), {
      ...init,
      redirect: "manual",
      headers: {
        ...(init.body === undefined ? {} : { origin }),
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
      },
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [name = "", ...value] = (cookie.split(";")[0] ?? "").split("=");
      cookies.set(name, value.join("="));
    }
    const location = response.headers.get("location");
    if (response.status >= 300 && response.status < 400 && location !== null) {
      return visit(location);
    }
    const text = await response.text();
    if (!response.ok) {
      const words = text.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
      throw new Error(`the site answered ${response.status} to ${path}: ${words.slice(0, 300)}`);
    }
    return text;
  }
  return {
    get: (path) => visit(path),
    post: (path, form) => visit(path, { method: "POST", body: new URLSearchParams(form) }),
  };
}

/** The value of a hidden field, e.g. the token that proves our own form. */
export function hiddenField(html: string, name: string): string {
  const tag = html.match(new RegExp(`<input[^>]*name="${name}"[^>]*>`))?.[0] ?? "";
  const value = /value="([^"]*)"/.exec(tag)?.[1];
  if (value === undefined) throw new Error(`the page has no field ${JSON.stringify(name)}`);
  return value;
}

/** The quick-create link on the launch page, as the console will read it. */
export function readLaunchLink(html: string): {
  readonly region: string;
  readonly stackName: string;
  readonly templateUrl: string;
  readonly parameters: Readonly<Record<string, string>>;
} {
  const href = /href="([^"]*#\/stacks\/create\/review[^"]*)"/.exec(html)?.[1];
  if (href === undefined) throw new Error("the launch page has no Launch Stack link");
  const url = new URL(href.replaceAll("&amp;", "&"));
  const fragment = new URLSearchParams(url.hash.slice(url.hash.indexOf("?") + 1));
  const parameters = [...fragment].filter(([name]) => name.startsWith("param_"));
  return {
    region: url.searchParams.get("region") ?? "",
    stackName: fragment.get("stackName") ?? "",
    templateUrl: fragment.get("templateURL") ?? "",
    parameters: Object.fromEntries(
      parameters.map(([name, value]) => [name.slice("param_".length), value]),
    ),
  };
}

/** The buyer's own CloudFormation, in their account and region. */
export function buyersCloudFormation(sandbox: Sandbox, accountId: string, region: string) {
  return new CloudFormationClient({
    region,
    endpoint: sandbox.origin,
    credentials: sandbox.buyerCredentials(accountId),
    systemClockOffset: sandbox.clock.now() - Date.now(),
  });
}

export async function createStack(
  client: CloudFormationClient,
  link: ReturnType<typeof readLaunchLink>,
): Promise<void> {
  await client.send(
    new CreateStackCommand({
      StackName: link.stackName,
      TemplateURL: link.templateUrl,
      Parameters: Object.entries(link.parameters).map(([ParameterKey, ParameterValue]) => ({
        ParameterKey,
        ParameterValue,
      })),
      Capabilities: ["CAPABILITY_IAM"],
    }),
  );
}

/** The stack's status, or undefined when there is none. */
export async function stackStatus(
  client: CloudFormationClient,
  stackName: string,
): Promise<string | undefined> {
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stackName }));
    return Stacks[0]?.StackStatus;
  } catch (error) {
    if ((error as Error).name === "ValidationError") return undefined;
    throw error;
  }
}

/** Watches until nothing moves any more; tells of each event once. */
export async function watchStack(
  client: CloudFormationClient,
  stackName: string,
  tell: (event: StackEvent) => void,
): Promise<string | undefined> {
  const told = new Set<string>();
  for (;;) {
    const status = await stackStatus(client, stackName);
    if (status === undefined) return undefined;
    for (const event of await stackEvents(client, stackName)) {
      if (event.EventId === undefined || told.has(event.EventId)) continue;
      told.add(event.EventId);
      tell(event);
    }
    if (!status.endsWith("_IN_PROGRESS")) return status;
    await sleep(100);
  }
}

/** Oldest first; none when the stack went away between one question and the next. */
async function stackEvents(
  client: CloudFormationClient,
  stackName: string,
): Promise<readonly StackEvent[]> {
  try {
    const command = new DescribeStackEventsCommand({ StackName: stackName });
    const { StackEvents = [] } = await client.send(command);
    return StackEvents.reverse();
  } catch (error) {
    if ((error as Error).name === "ValidationError") return [];
    throw error;
  }
}

export async function deleteStack(client: CloudFormationClient, stackName: string): Promise<void> {
  await client.send(new DeleteStackCommand({ StackName: stackName }));
  await watchStack(client, stackName, () => undefined);
}
