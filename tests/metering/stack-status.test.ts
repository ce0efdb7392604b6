import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it, onTestFinished, vi } from "vitest";
import { awsClients } from "../../metering/adapters/aws-clients.ts";
import { costExplorerSource } from "../../metering/adapters/cost-explorer-source.ts";
import { aDeployment } from "./fixtures.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

const ASSUMED = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
  <Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>
  <SessionToken>token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>
</AssumeRoleResult></AssumeRoleResponse>`;

/** An AWS that lets the role in and says this of its stack. */
async function anAwsWithStack(answer: { status: number; xml: string }) {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const isSts = Buffer.concat(chunks).toString().includes("Action=AssumeRole");
      response.writeHead(isSts ? 200 : answer.status, { "content-type": "text/xml" });
      response.end(isSts ? ASSUMED : answer.xml);
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => void server.close().closeAllConnections());
  vi.stubEnv("AWS_ENDPOINT_URL", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const credentials = async () => ({ accessKeyId: "AKIAEXAMPLE", secretAccessKey: "secret" });
  const aws = awsClients({ clock: { now: () => Date.now() }, credentials });
  return costExplorerSource({ aws, sellerRegion: "us-east-1", costTagKey: "tag" });
}

const withStatus = (status: string) => ({
  status: 200,
  xml: `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">
    <DescribeStacksResult><Stacks><member><StackName>product</StackName>
    <CreationTime>2026-02-10T09:00:00Z</CreationTime><StackStatus>${status}</StackStatus>
    </member></Stacks></DescribeStacksResult></DescribeStacksResponse>`,
});

it.each([
  ["CREATE_COMPLETE", "exists"],
  // What could not be deleted runs on and costs on.
  ["DELETE_FAILED", "exists"],
  ["DELETE_IN_PROGRESS", "unknown"],
  ["DELETE_COMPLETE", "gone"],
])("a stack in %s counts as %s", async (status, expected) => {
  const source = await anAwsWithStack(withStatus(status));

  expect(await source.stack(aDeployment())).toBe(expected);
});

it("a stack that CloudFormation does not know any more is gone", async () => {
  const source = await anAwsWithStack({
    status: 400,
    xml: `<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error>
      <Type>Sender</Type><Code>ValidationError</Code>
      <Message>Stack with id product does not exist</Message></Error></ErrorResponse>`,
  });

  expect(await source.stack(aDeployment())).toBe("gone");
});
