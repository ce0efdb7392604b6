import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CallbackEnvelope } from "../../template-src/contract.ts";
import { aTemplate, resource } from "./support.ts";

/** Runs the function exactly as the template holds it, in a process of its own, as Lambda would. */

export const CREDENTIALS = {
  accessKeyId: "ASIAEXAMPLEEXAMPLE12",
  secretAccessKey: "secretsecretsecretsecretsecretsecretsecr",
  sessionToken: "session/token+with=all==characters",
};
export const STACK_ID =
  "arn:aws:cloudformation:eu-central-1:111122223333:stack/analytics/0a1b2c3d-0000-1111-2222-333344445555";
export const INSTALL_CODE = "code-not-for-logs";
export const AUDIENCE = "https://register.example.com";

export interface CloudFormationAnswer {
  readonly Status: string;
  readonly Reason?: string;
  readonly RequestId: string;
  readonly StackId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId: string;
  readonly Data?: Readonly<Record<string, string>>;
}

export interface CallbackRun {
  readonly answers: readonly CloudFormationAnswer[];
  readonly answerBytes: readonly number[];
  readonly answerContentTypes: readonly (string | undefined)[];
  readonly envelopes: readonly CallbackEnvelope[];
  readonly output: string;
  readonly exitCode: number | null;
  readonly elapsedMs: number;
}

export type Site = (request: IncomingMessage, response: ServerResponse, attempt: number) => void;

export const answering =
  (status: number, body: unknown, headers: Record<string, string> = {}): Site =>
  (_request, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };

export const accepting = answering(200, {
  deploymentId: "dep-123",
  settings: { plan: "share", limit: "10" },
});

/** Takes the request and never answers. */
export const hanging: Site = () => undefined;

export function anEvent(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    RequestType: "Create",
    RequestId: "9f0e8d7c-0000-4000-8000-000000000001",
    StackId: STACK_ID,
    ResourceType: "Custom::LaunchmeterRegistration",
    LogicalResourceId: "Registration",
    ResourceProperties: {
      ServiceToken: "arn:aws:lambda:eu-central-1:111122223333:function:callback",
      ServiceTimeout: "300",
      InstallCode: INSTALL_CODE,
      TemplateVersion: "1.0.0",
      Resources: { readRoleArn: "arn:aws:iam::111122223333:role/CostReadRole" },
      SomethingFromTheFuture: "ignored",
    },
    ...changes,
  };
}

/** `site: undefined` stands for a site whose port nobody listens on. */
export async function runCallback(
  event: Record<string, unknown>,
  site: Site | undefined,
  options: { readonly node?: string; readonly environment?: Record<string, string> } = {},
): Promise<CallbackRun> {
  const envelopes: CallbackEnvelope[] = [];
  const puts: { body: string; type: string | undefined }[] = [];
  const siteServer = await listening((request, response) => {
    void bodyOf(request).then((body) => {
      envelopes.push(JSON.parse(body) as CallbackEnvelope);
      site?.(request, response, envelopes.length);
    });
  });
  const s3 = await listening((request, response) => {
    void bodyOf(request).then((body) => {
      puts.push({ body, type: request.headers["content-type"] });
      response.end();
    });
  });
  const callbackUrl = `${urlOf(siteServer)}/callback`;
  if (site === undefined) await closed(siteServer);
  const folder = await mkdtemp(join(tmpdir(), "callback-"));
  try {
    await writeFile(join(folder, "index.cjs"), codeOf());
    const started = performance.now();
    const { exitCode, output } = await invoked(
      options.node ?? process.execPath,
      folder,
      { ...event, ResponseURL: `${urlOf(s3)}/response?signature=x` },
      {
        AWS_REGION: "eu-central-1",
        AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
        AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
        AWS_SESSION_TOKEN: CREDENTIALS.sessionToken,
        STS_HOST: "sts.eu-central-1.amazonaws.com",
        AUDIENCE,
        CALLBACK_URL: callbackUrl,
        ...options.environment,
      },
    );
    return {
      answers: puts.map(({ body }) => JSON.parse(body) as CloudFormationAnswer),
      answerBytes: puts.map(({ body }) => Buffer.byteLength(body)),
      answerContentTypes: puts.map(({ type }) => type),
      envelopes,
      output,
      exitCode,
      elapsedMs: performance.now() - started,
    };
  } finally {
    await Promise.all([closed(siteServer), closed(s3), rm(folder, { recursive: true })]);
  }
}

/** Exactly the bytes that a buyer's stack gets. */
function codeOf(): string {
  const { Code } = resource(aTemplate(), "CallbackFunction").Properties as {
    Code: { ZipFile: string };
  };
  return Code.ZipFile;
}

const INVOKE = `
  const { handler } = require("./index.cjs");
  let text = "";
  process.stdin.on("data", (chunk) => (text += chunk)).on("end", () =>
    handler(JSON.parse(text)).then(() => process.exit(0), (error) => {
      console.error(error);
      process.exit(1);
    }));
`;

function invoked(
  node: string,
  folder: string,
  event: unknown,
  environment: Record<string, string>,
): Promise<{ exitCode: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    // Nothing of this machine's environment: Lambda's runtime has only its own.
    const child = spawn(node, ["-e", INVOKE], { cwd: folder, env: environment });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.on("error", reject);
    child.on("close", (exitCode) => resolve({ exitCode, output }));
    child.stdin.end(JSON.stringify(event));
  });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function listening(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  const server = createServer(handle);
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
