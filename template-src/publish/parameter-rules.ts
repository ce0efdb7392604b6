import type { Finding } from "./finding.ts";
import { asList, referencesIn, type CloudFormationTemplate } from "./template.ts";
import { launchParameters } from "../contract.ts";

type Say = (rule: string, where: string, message: string) => Finding;

interface ConsoleLayout {
  readonly ParameterGroups?: readonly { readonly Parameters?: readonly string[] }[];
  readonly ParameterLabels?: Readonly<Record<string, unknown>>;
}

/** Parameters as the console shows them: each in a group, with a label and a working pattern. */
export function parameterFindings(template: CloudFormationTemplate, say: Say): Finding[] {
  const parameters = template.Parameters ?? {};
  const layout = (template.Metadata?.["AWS::CloudFormation::Interface"] ?? {}) as ConsoleLayout;
  const grouped = (layout.ParameterGroups ?? []).flatMap((group) => group.Parameters ?? []);
  const labelled = Object.keys(layout.ParameterLabels ?? {});
  const unknown = [...new Set([...grouped, ...labelled])].filter((name) => !(name in parameters));
  return [
    ...unknown.map((name) =>
      say("W4001", "Metadata.AWS::CloudFormation::Interface", `There is no parameter ${name}.`),
    ),
    ...Object.entries(parameters).flatMap(([name, parameter]) => {
      const where = `Parameters.${name}`;
      const shown = grouped.includes(name) && labelled.includes(name);
      return [
        ...(shown ? [] : [say("LM11", where, "It needs a group and a label in the console.")]),
        ...patternFindings(where, parameter.AllowedPattern, say),
        ...hiddenFromLink(name, parameter, say),
      ];
    }),
  ];
}

function patternFindings(where: string, pattern: unknown, say: Say): Finding[] {
  if (typeof pattern !== "string") return [];
  try {
    new RegExp(pattern);
    return [];
  } catch {
    return [say("LM11", where, `AllowedPattern is no regular expression: ${pattern}`)];
  }
}

/** A launch link can't fill in a hidden parameter: the console ignores it (protocol-facts B1). */
function hiddenFromLink(
  name: string,
  parameter: Readonly<Record<string, unknown>>,
  say: Say,
): Finding[] {
  const linked: readonly string[] = Object.values(launchParameters);
  return linked.includes(name) && parameter.NoEcho === true
    ? [say("LM11", `Parameters.${name}`, "A launch link can't fill in a NoEcho parameter.")]
    : [];
}

/** Outputs are readable by everyone who may look at the stack. */
export function outputFindings(template: CloudFormationTemplate, say: Say): Finding[] {
  const hidden = Object.entries(template.Parameters ?? {})
    .filter(([, parameter]) => parameter.NoEcho === true || parameter.NoEcho === "true")
    .map(([name]) => name);
  return Object.entries(template.Outputs ?? {}).flatMap(([name, output]) => {
    const where = `Outputs.${name}`;
    const references = referencesIn(output);
    const attributes = JSON.stringify(output).match(/ClientSecret|SecretAccessKey|SecretString/);
    return [
      ...hidden
        .filter((parameter) => references.has(parameter))
        .map((parameter) => say("W2010", where, `It shows the hidden parameter ${parameter}.`)),
      ...(references.has(launchParameters.installCode) || attributes !== null
        ? [say("LM12", where, "It shows a secret or the install code.")]
        : []),
      ...(/secret|password|token/i.test(name) && asList(output).length > 0
        ? [say("LM12", where, "Its name promises a secret; outputs are no place for one.")]
        : []),
    ];
  });
}
