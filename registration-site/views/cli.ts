import { launchParameters } from "../../template-src/contract.ts";
import type { Deployment } from "../../metering/domain/license.ts";
import type { InstallCode, PublishedTemplate } from "../ports.ts";

/** Single quotes keep everything literal; only a quote itself has to be spelled out. */
export const shellQuoted = (text: string): string =>
  /^[A-Za-z0-9_\-./:=@%+,]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

const LOCAL_COPY = "launch-stack.json";

/** Downloads the template and goes on only if it is, byte for byte, the one the page describes. */
const verifiedDownload = (template: PublishedTemplate): string =>
  [
    `curl -fsSLo ${LOCAL_COPY} \\\n  ${shellQuoted(template.url)}`,
    `echo ${shellQuoted(`${template.sha256}  ${LOCAL_COPY}`)} |\n  sha256sum --check`,
  ].join(" &&\n");

export const checkTemplateCommand = verifiedDownload;

/** The same launch without the console. */
export const launchCommand = (input: {
  template: PublishedTemplate;
  stackName: string;
  region: string;
  size: string;
  code: InstallCode;
}): string =>
  [
    `${verifiedDownload(input.template)} &&`,
    `aws cloudformation deploy --template-file ${LOCAL_COPY} \\`,
    `  --region ${shellQuoted(input.region)} --stack-name ${shellQuoted(input.stackName)} \\`,
    "  --capabilities CAPABILITY_IAM --parameter-overrides \\",
    `  ${shellQuoted(`${launchParameters.installCode}=${input.code.code}`)} \\`,
    `  ${shellQuoted(`${launchParameters.externalIds}=${input.code.externalIds.join(",")}`)} \\`,
    `  ${shellQuoted(`${launchParameters.size}=${input.size}`)}`,
  ].join("\n");

/** `deploy` keeps every parameter that it is not given, so an update names none. */
export const updateCommand = (template: PublishedTemplate, deployment: Deployment): string =>
  [
    `${verifiedDownload(template)} &&`,
    `aws cloudformation deploy --template-file ${LOCAL_COPY} --capabilities CAPABILITY_IAM \\`,
    `  --region ${shellQuoted(deployment.region)} \\`,
    `  --stack-name ${shellQuoted(stackNameOf(deployment.stackId))}`,
  ].join("\n");

export const deleteCommand = (deployment: Deployment): string =>
  [
    `aws cloudformation delete-stack --region ${shellQuoted(deployment.region)} \\`,
    `  --stack-name ${shellQuoted(stackNameOf(deployment.stackId))}`,
  ].join("\n");

/** `arn:aws:cloudformation:<region>:<account>:stack/<name>/<guid>` → `<name>`. */
const stackNameOf = (stackId: string): string => stackId.split("/")[1] ?? stackId;
