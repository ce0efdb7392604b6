import { launchParameters } from "../../template-src/contract.ts";
import type { Deployment } from "../../metering/domain/license.ts";
import type { InstallCode, PublishedTemplate } from "../ports.ts";

/** Single quotes keep everything literal; only a quote itself has to be spelled out. */
export const shellQuoted = (text: string): string =>
  /^[A-Za-z0-9_\-./:=@%+,]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** In the AWS CLI's shorthand a comma ends a value, unless a backslash precedes it. */
const parameter = (key: string, value: string) =>
  shellQuoted(`ParameterKey=${key},ParameterValue=${value.replaceAll(",", "\\,")}`);

const lines = (...parts: readonly string[]) => parts.join(" \\\n  ");

/** Prints OK when the bytes at the address are those that the page describes. */
export const checkTemplateCommand = (template: PublishedTemplate): string =>
  `curl -fsSL ${shellQuoted(template.url)} | sha256sum\n# expect: ${template.sha256}`;

/**
 * The same launch without the console. `create-stack` reads the template from its address, so
 * that neither its size nor a local copy matters.
 */
export const createStackCommand = (input: {
  template: PublishedTemplate;
  stackName: string;
  region: string;
  size: string;
  code: InstallCode;
}): string =>
  lines(
    "aws cloudformation create-stack",
    `--region ${shellQuoted(input.region)} --stack-name ${shellQuoted(input.stackName)}`,
    `--template-url ${shellQuoted(input.template.url)}`,
    "--capabilities CAPABILITY_NAMED_IAM",
    "--parameters",
    parameter(launchParameters.installCode, input.code.code),
    parameter(launchParameters.externalIds, input.code.externalIds.join(",")),
    parameter(launchParameters.size, input.size),
  );

export const updateStackCommand = (template: PublishedTemplate, deployment: Deployment): string =>
  lines(
    "aws cloudformation update-stack",
    `--region ${shellQuoted(deployment.region)} --stack-name ${shellQuoted(deployment.stackId)}`,
    `--template-url ${shellQuoted(template.url)}`,
    "--capabilities CAPABILITY_NAMED_IAM",
    "--parameters",
    ...Object.values(launchParameters).map((name) => `ParameterKey=${name},UsePreviousValue=true`),
  );

export const deleteStackCommand = (deployment: Deployment): string =>
  lines(
    "aws cloudformation delete-stack",
    `--region ${shellQuoted(deployment.region)} --stack-name ${shellQuoted(deployment.stackId)}`,
  );
