import type { PermissionStatement, PublishedTemplate } from "../ports.ts";
import { checkTemplateCommand } from "./cli.ts";
import { Copyable } from "./chrome.tsx";

/** Every statement, none summarised away: this table is what a security review reads. */
export function PermissionTable({ permissions }: { permissions: readonly PermissionStatement[] }) {
  return (
    <table class="cards">
      <caption class="unseen">Every permission that the template creates</caption>
      <thead>
        <tr>
          <th scope="col">May do</th>
          <th scope="col">On</th>
          <th scope="col">Who can use it</th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        {permissions.map((statement) => (
          <tr>
            <td data-label="May do">
              {statement.effect === "Deny" ? <strong class="tag bad">Never</strong> : null}
              <CodeList values={statement.actions} />
            </td>
            <td data-label="On">
              {/* A trust policy is about its own role. */}
              {statement.resources.length === 0 ? (
                "the role itself"
              ) : (
                <CodeList values={statement.resources} />
              )}
              {statement.conditions.length === 0 ? null : (
                <div class="conditions">
                  only if <CodeList values={statement.conditions} />
                </div>
              )}
            </td>
            <td data-label="Who can use it">
              {statement.usableBy}
              <div class="note">{statement.holder}</div>
            </td>
            <td data-label="Why">{statement.why}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function CodeList({ values }: { values: readonly string[] }) {
  return (
    <ul class="codes">
      {values.map((value) => (
        <li>
          <code>{value}</code>
        </li>
      ))}
    </ul>
  );
}

export function ResourceTable({ resources }: { resources: PublishedTemplate["resources"] }) {
  return (
    <table class="cards">
      <caption class="unseen">Every resource that the template creates</caption>
      <thead>
        <tr>
          <th scope="col">Resource</th>
          <th scope="col">Why it is there</th>
          <th scope="col">What AWS charges for</th>
        </tr>
      </thead>
      <tbody>
        {resources.map((resource) => (
          <tr>
            <td data-label="Resource">
              <b>{resource.logicalId}</b> <code>{resource.type}</code>
            </td>
            <td data-label="Why it is there">{resource.why}</td>
            <td data-label="What AWS charges for">{pricingBasis(resource.type)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The basis only: prices differ by region and change, and AWS states them best. */
const PRICING_BASES: Readonly<Record<string, string>> = {
  "AWS::KMS::Key": "A fixed amount per key and month, and requests",
  "AWS::S3::Bucket": "Storage, requests and transfer out; nothing while empty",
  "AWS::DynamoDB::Table": "Requests and storage; next to nothing while idle",
  "AWS::DynamoDB::GlobalTable": "Requests and storage; next to nothing while idle",
  "AWS::Cognito::UserPool": "Monthly active users",
  "AWS::Cognito::UserPoolClient": "Nothing",
  "AWS::Lambda::Function": "Invocations: one when the stack is created, changed or deleted",
  "AWS::Logs::LogGroup": "Log lines taken in and kept",
  "AWS::EC2::NatGateway": "Every hour it exists, and traffic through it",
  "AWS::RDS::DBInstance": "Every hour it runs, storage and backups",
  "AWS::RDS::DBCluster": "Capacity while it runs, storage and backups",
  "AWS::ECS::Service": "CPU and memory of the running tasks",
  "AWS::ElasticLoadBalancingV2::LoadBalancer": "Every hour it exists, and traffic through it",
};

const FREE_PREFIXES = ["AWS::IAM::", "AWS::CloudFormation::", "Custom::", "AWS::S3::BucketPolicy"];

function pricingBasis(type: string): string {
  const basis = PRICING_BASES[type];
  if (basis !== undefined) return basis;
  return FREE_PREFIXES.some((prefix) => type.startsWith(prefix)) ? "Nothing" : "As AWS lists it";
}

/** Which bytes exactly, and how to check that they are those. */
export function TemplateIdentity({ template }: { template: PublishedTemplate }) {
  return (
    <>
      <dl class="facts">
        <div>
          <dt>Version</dt>
          <dd>
            <code>{template.version}</code>
          </dd>
        </div>
        <div>
          <dt>SHA-256</dt>
          <dd>
            <Copyable id="template-sha256" text={template.sha256} label="the SHA-256" />
          </dd>
        </div>
        <div>
          <dt>Address</dt>
          <dd>
            <a href={template.url}>
              <code>{template.url}</code>
            </a>
          </dd>
        </div>
      </dl>
      <details>
        <summary>Check it yourself</summary>
        <Copyable
          block
          id="template-check"
          text={checkTemplateCommand(template)}
          label="the command that checks the template"
        />
        <p class="note">
          A published version never changes. The template is plain CloudFormation: no macros, no
          nested stacks, no code fetched from elsewhere.
        </p>
      </details>
    </>
  );
}
