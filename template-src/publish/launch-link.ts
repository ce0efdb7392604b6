import { partitionOf, type Partition } from "../../product/regions.ts";

export interface LaunchLinkInput {
  /** Where the stack will run; the template's bucket may be in another region. */
  readonly region: string;
  readonly templateUrl: string;
  readonly stackName: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** A console elsewhere, such as the sandbox; its own origin may then serve the template. */
  readonly consoleOrigin?: string | undefined;
}

/** The console refuses longer links (protocol-facts B1). */
const LONGEST_LINK = 1024;

const CONSOLE_HOSTS: Readonly<Record<Partition, string>> = {
  aws: "console.aws.amazon.com",
  "aws-cn": "console.amazonaws.cn",
  "aws-us-gov": "console.amazonaws-us-gov.com",
  "aws-eusc": "console.amazonaws-eusc.eu",
};

const S3_SUFFIXES: Readonly<Record<Partition, string>> = {
  aws: "amazonaws.com",
  "aws-cn": "amazonaws.com.cn",
  "aws-us-gov": "amazonaws.com",
  "aws-eusc": "amazonaws.eu",
};

/**
 * The link that opens CloudFormation's quick-create page with everything filled in.
 *
 * The buyer can change every value there, and only visible parameters can be filled in. Throws a
 * `RangeError` that says what is wrong when the console would not take the link.
 */
export function launchUrl(input: LaunchLinkInput): string {
  const partition = partitionOf(input.region);
  if (partition === undefined) {
    throw new RangeError(`${JSON.stringify(input.region)} is no AWS region that we know.`);
  }
  checkStackName(input.stackName);
  checkTemplateUrl(input, partition);
  const origin =
    input.consoleOrigin === undefined
      ? `https://${input.region}.${CONSOLE_HOSTS[partition]}`
      : new URL(input.consoleOrigin).origin;
  const query = Object.entries({
    templateURL: input.templateUrl,
    stackName: input.stackName,
    ...parametersOf(input.parameters),
  })
    .map(([name, value]) => `${name}=${encoded(value)}`)
    .join("&");
  const link = `${origin}/cloudformation/home?region=${input.region}#/stacks/create/review?${query}`;
  if (link.length > LONGEST_LINK) {
    throw new RangeError(
      `The launch link has ${link.length} characters and the console takes at most ${LONGEST_LINK}: ` +
        `shorten the template URL or the parameters ${Object.keys(input.parameters).join(", ")}.`,
    );
  }
  return link;
}

function parametersOf(parameters: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => {
      if (!/^[A-Za-z0-9]{1,255}$/.test(name)) {
        throw new RangeError(
          `${JSON.stringify(name)} is no parameter name: letters and digits only.`,
        );
      }
      return [`param_${name}`, value];
    }),
  );
}

/** Also what `encodeURIComponent` leaves: a bracket would end the link in Markdown. */
function encoded(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function checkStackName(name: string): void {
  if (/^[A-Za-z][-A-Za-z0-9]{0,127}$/.test(name)) return;
  throw new RangeError(
    `${JSON.stringify(name)} is no stack name: it must begin with a letter, hold letters, digits ` +
      `and hyphens, and have at most 128 characters.`,
  );
}

/** The console loads templates from S3 only, in its own partition: no CDN, no website endpoint. */
function checkTemplateUrl(input: LaunchLinkInput, partition: Partition): void {
  const refuse = (why: string): never => {
    throw new RangeError(`The template URL ${JSON.stringify(input.templateUrl)} ${why}.`);
  };
  if (!URL.canParse(input.templateUrl)) refuse("is no URL");
  const url = new URL(input.templateUrl);
  if (url.hash !== "" || url.username !== "" || url.password !== "") {
    refuse("must have no fragment and no credentials");
  }
  if (input.consoleOrigin !== undefined) {
    const origin = new URL(input.consoleOrigin).origin;
    if (url.origin !== origin && !isS3(url, partition)) {
      refuse(`must be on S3 or, for this console, on ${origin}`);
    }
    return;
  }
  if (!isS3(url, partition)) {
    refuse(
      `must be on S3 in the partition of ${input.region}, for example ` +
        `https://bucket.s3.${input.region}.${S3_SUFFIXES[partition]}/v1.0.0/template.json`,
    );
  }
}

function isS3(url: URL, partition: Partition): boolean {
  const suffix = `.${S3_SUFFIXES[partition]}`;
  if (url.protocol !== "https:" || url.port !== "" || !url.hostname.endsWith(suffix)) return false;
  const host = url.hostname.slice(0, -suffix.length);
  const path = url.pathname.split("/").filter((part) => part !== "");
  // `s3.<region>/bucket/key` or `bucket.s3.<region>/key`, or the same with `s3-<region>`.
  const parts =
    /^(?:(?<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\.)?s3(?:[.-](?<region>[a-z0-9-]+))?$/.exec(
      host,
    );
  if (parts === null) return false;
  const { bucket, region } = parts.groups ?? {};
  const regionFits = region === undefined ? partition === "aws" : partitionOf(region) === partition;
  return regionFits && path.length >= (bucket === undefined ? 2 : 1);
}
