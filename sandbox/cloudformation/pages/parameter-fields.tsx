import { interfaceOf } from "../template/parameter-interface.ts";
import type { ParameterDefinition, Template } from "../template/template.ts";

export interface ParameterFieldsProps {
  readonly template: Template;
  /** What stands in the fields. */
  readonly values: Readonly<Record<string, string>>;
  /** The refusal, to be shown beside the parameter it names. */
  readonly problem: string | undefined;
  /** NoEcho parameters that may stay as they are. */
  readonly kept: boolean;
}

/** The parameters in the template's own groups, with its labels. */
export function ParameterFields(props: ParameterFieldsProps) {
  const { groups, labels } = interfaceOf(props.template);
  if (groups.length === 0) return <p class="empty">This template has no parameters.</p>;
  return (
    <>
      {groups.map(({ label, parameters }) => (
        <fieldset class="panel">
          <legend class={label === "" ? "small" : ""}>{label === "" ? "Parameters" : label}</legend>
          {parameters.map((name) => (
            <Field {...props} name={name} label={labels[name]} />
          ))}
        </fieldset>
      ))}
    </>
  );
}

type FieldProps = ParameterFieldsProps & {
  readonly name: string;
  readonly label: string | undefined;
};

function Field({ template, values, problem, kept, name, label }: FieldProps) {
  const definition = template.parameters[name]!;
  const value = values[name] ?? "";
  const wrong = problem !== undefined && namesParameter(problem, name) ? problem : undefined;
  const id = `param_${name}`;
  const described = [
    definition.description === undefined ? undefined : `${id}_hint`,
    wrong === undefined ? undefined : `${id}_wrong`,
  ].filter((one) => one !== undefined);
  const attributes = {
    id,
    name: id,
    ...(described.length > 0 ? { "aria-describedby": described.join(" ") } : {}),
    ...(wrong === undefined ? {} : { "aria-invalid": "true" as const }),
  };
  return (
    <div class="field">
      <label for={id}>{label ?? name}</label>
      {definition.description === undefined ? null : (
        <p class="hint" id={`${id}_hint`}>
          {definition.description}
        </p>
      )}
      <Control definition={definition} value={value} attributes={attributes} kept={kept} />
      {wrong === undefined ? null : (
        <p class="wrong" id={`${id}_wrong`}>
          {wrong}
        </p>
      )}
    </div>
  );
}

interface ControlProps {
  readonly definition: ParameterDefinition;
  readonly value: string;
  readonly attributes: Record<string, string>;
  readonly kept: boolean;
}

function Control({ definition, value, attributes, kept }: ControlProps) {
  const { allowedValues, noEcho, type } = definition;
  if (noEcho) {
    const placeholder = kept ? "unchanged" : "";
    return (
      <input
        type="password"
        autocomplete="off"
        value={value}
        placeholder={placeholder}
        {...attributes}
      />
    );
  }
  if (allowedValues !== undefined) {
    // A link may say something else; the person should see what, and be refused as on AWS.
    const stranger = allowedValues.includes(value) || value === "" ? [] : [value];
    return (
      <select {...attributes}>
        {[...stranger, ...allowedValues].map((option) => (
          <option value={option} selected={option === value}>
            {option}
            {stranger.includes(option) ? " (not allowed)" : ""}
          </option>
        ))}
      </select>
    );
  }
  const inputmode = type === "Number" ? "numeric" : "text";
  return (
    <input type="text" value={value} inputmode={inputmode} spellcheck={false} {...attributes} />
  );
}

function namesParameter(problem: string, name: string): boolean {
  const list = /^Parameters: \[([^\]]*)\]/.exec(problem)?.[1]?.split(", ");
  if (list !== undefined) return list.includes(name);
  return problem.startsWith(`Parameter '${name}'`) || problem.startsWith(`Parameter ${name} `);
}
