import { AwsError } from "../aws-service.ts";
import type { VisibleCost } from "./cost-ledger.ts";

/** The dimensions that the bill of a FOCUS file can answer for. */
export const DIMENSIONS: Readonly<Record<string, (cost: VisibleCost) => string>> = {
  RECORD_TYPE: ({ recordType }) => recordType,
  LINKED_ACCOUNT: ({ accountId }) => accountId,
  BILLING_ENTITY: ({ billingEntity }) => billingEntity,
  SERVICE: ({ service }) => service,
  REGION: ({ region }) => region,
};

export type Filter = (cost: VisibleCost) => boolean;

/** One root operator for each expression; unknown values silently match nothing (E1). */
export function compileFilter(expression: unknown): Filter {
  if (expression === undefined || expression === null) return () => true;
  if (typeof expression !== "object") throw invalid("An Expression must be a structure.");
  const operators = Object.entries(expression as Record<string, unknown>).filter(
    ([, operand]) => operand !== undefined,
  );
  const [operator, operand] = operators[0] ?? ["", undefined];
  if (operators.length !== 1) {
    throw invalid(`Expression is expected to have exactly one operator, got ${operators.length}.`);
  }
  switch (operator) {
    case "And":
    case "Or": {
      if (!Array.isArray(operand) || operand.length < 2) {
        throw invalid(`${operator} needs at least two expressions.`);
      }
      const filters = operand.map(compileFilter);
      return operator === "And"
        ? (cost) => filters.every((filter) => filter(cost))
        : (cost) => filters.some((filter) => filter(cost));
    }
    case "Not": {
      const filter = compileFilter(operand);
      return (cost) => !filter(cost);
    }
    case "Dimensions":
      return dimensionFilter(operand as Operand);
    case "Tags":
      return tagFilter(operand as Operand);
    default:
      throw invalid(`The sandbox's Cost Explorer does not know the operator ${operator}.`);
  }
}

interface Operand {
  readonly Key?: unknown;
  readonly Values?: unknown;
  readonly MatchOptions?: unknown;
}

function dimensionFilter(operand: Operand): Filter {
  const value = dimension(operand.Key);
  const matches = matcher(operand);
  return (cost) => matches(value(cost));
}

function tagFilter(operand: Operand): Filter {
  const key = operand.Key;
  if (typeof key !== "string" || key === "") throw invalid("Tags needs a Key.");
  const matches = matcher(operand);
  // A row without the tag has the value "".
  return ({ tags }) => matches(Object.hasOwn(tags, key) ? tags[key] : undefined);
}

export function dimension(key: unknown): (cost: VisibleCost) => string {
  const value = typeof key === "string" && Object.hasOwn(DIMENSIONS, key) && DIMENSIONS[key];
  if (!value) {
    throw invalid(
      `The sandbox's Cost Explorer does not know the dimension ${String(key)}; it knows ${Object.keys(DIMENSIONS).join(", ")}.`,
    );
  }
  return value;
}

function matcher({ Values, MatchOptions }: Operand): (value: string | undefined) => boolean {
  const options = Array.isArray(MatchOptions) ? (MatchOptions as string[]) : ["EQUALS"];
  const unknown = options.find((option) => !KNOWN_OPTIONS.includes(option));
  if (unknown !== undefined) throw invalid(`MatchOption ${unknown} is not supported here.`);
  if (options.includes("ABSENT")) return (value) => value === undefined || value === "";
  if (!Array.isArray(Values) || Values.length === 0) throw invalid("Values must not be empty.");
  const wanted = Values.map(String);
  if (options.includes("CASE_INSENSITIVE")) {
    const lowercase = wanted.map((value) => value.toLowerCase());
    return (value) => lowercase.includes((value ?? "").toLowerCase());
  }
  return (value) => wanted.includes(value ?? "");
}

const KNOWN_OPTIONS = ["EQUALS", "ABSENT", "CASE_SENSITIVE", "CASE_INSENSITIVE"];

export const invalid = (message: string): AwsError => new AwsError("ValidationException", message);
