import { type ArgsDef, type CommandDef, defineCommand, runCommand, showUsage } from "citty";
import { nearest } from "../product/nearest.ts";

/** One file for each command; each is loaded only when it is asked for. */
const commands = {
  start: async () => (await import("./commands/start.ts")).startCommand,
  sandbox: async () => (await import("./commands/sandbox.ts")).sandboxCommand,
  synth: async () => (await import("./commands/synth.ts")).synthCommand,
  lint: async () => (await import("./commands/lint.ts")).lintCommand,
  permissions: async () => (await import("./commands/permissions.ts")).permissionsCommand,
  host: async () => (await import("./commands/host.ts")).hostCommand,
  license: async () => (await import("./commands/license.ts")).licenseCommand,
  plan: async () => (await import("./commands/plan.ts")).planCommand,
  statement: async () => (await import("./commands/statement.ts")).statementCommand,
  reconcile: async () => (await import("./commands/reconcile.ts")).reconcileCommand,
  usage: async () => (await import("./commands/usage.ts")).usageCommand,
};

const launchmeter = defineCommand({
  meta: {
    name: "launchmeter",
    description: "Sell software that runs in the buyer's own AWS account",
  },
  subCommands: commands,
});

/** Runs one command line. Whatever goes wrong is a sentence and an exit code, never a stack. */
export async function main(rawArgs: readonly string[]): Promise<void> {
  const wantsHelp = rawArgs.includes("--help") || rawArgs.includes("-h");
  const { path, command, parent, unknown } = await findCommand(rawArgs);
  if (wantsHelp || unknown !== undefined || command.subCommands !== undefined) {
    await showUsage(command, parent);
    if (unknown !== undefined) console.error(`There is no command ${JSON.stringify(unknown)}.`);
    process.exitCode = wantsHelp || rawArgs.length === 0 ? 0 : 2;
    return;
  }
  const name = path.join(" ");
  const refusal = unknownOption(command, rawArgs.slice(path.length));
  if (refusal !== undefined) {
    console.error(`launchmeter ${name}: ${refusal}`);
    process.exitCode = 2;
    return;
  }
  try {
    await runCommand(launchmeter, { rawArgs: [...rawArgs] });
  } catch (error) {
    console.error(`launchmeter ${name}: ${(error as Error).message}`);
    if (process.env["LAUNCHMETER_DEBUG"] !== undefined) console.error(error);
    process.exitCode = (error as Error).name === "CLIError" ? 2 : 1;
  }
}

/** The command that the words at the beginning name, a command's own commands included. */
async function findCommand(rawArgs: readonly string[]): Promise<{
  readonly path: readonly string[];
  readonly command: CommandDef;
  readonly parent: CommandDef | undefined;
  readonly unknown: string | undefined;
}> {
  const path: string[] = [];
  let command = launchmeter as CommandDef;
  let parent: CommandDef | undefined;
  for (const word of rawArgs) {
    if (command.subCommands === undefined || word.startsWith("-")) break;
    const known = Object.entries(command.subCommands as Record<string, SubCommand>);
    const next = known.find(([each]) => each === word)?.[1];
    if (next === undefined) return { path, command, parent, unknown: word };
    path.push(word);
    parent = command;
    command = typeof next === "function" ? await next() : next;
  }
  return { path, command, parent, unknown: undefined };
}

type SubCommand = CommandDef | (() => Promise<CommandDef>);

/** A mistyped option must not be passed over: it could decide whose cost is billed. */
function unknownOption(command: CommandDef, rawArgs: readonly string[]): string | undefined {
  const args = Object.entries((command.args as ArgsDef | undefined) ?? {});
  const known = args.filter(([, { type }]) => type !== "positional");
  const names = known.map(([name]) => name);
  let places = args.length - known.length;
  let isValue = false;
  for (const [index, arg] of rawArgs.entries()) {
    if (isValue) {
      // The next option was not meant as this one's value.
      if (arg.startsWith("--")) return `${rawArgs[index - 1]} needs a value.`;
      isValue = false;
      continue;
    }
    if (places > 0 && (arg === "-" || !arg.startsWith("-"))) {
      places -= 1;
      continue;
    }
    const [, name = "", value] = /^--?([^=]+)(=.*)?$/.exec(arg) ?? [];
    const option = known.find(([each]) => each === name || `no-${each}` === name)?.[1];
    if (option === undefined) {
      const near = nearest(name, names);
      const hint = near === undefined ? "" : ` Did you mean --${near}?`;
      const options = names.map((each) => `--${each}`).join(", ");
      return `there is no option ${arg}.${hint} There are ${options}.`;
    }
    isValue = option.type !== "boolean" && value === undefined;
  }
  return isValue ? `${rawArgs.at(-1)} needs a value.` : undefined;
}
