import { type ArgsDef, type CommandDef, defineCommand, runCommand, showUsage } from "citty";
import { nearest } from "../product/nearest.ts";

/** One file for each command; each is loaded only when it is asked for. */
const commands = {
  start: async () => (await import("./commands/start.ts")).startCommand,
  sandbox: async () => (await import("./commands/sandbox.ts")).sandboxCommand,
  synth: async () => (await import("./commands/synth.ts")).synthCommand,
  lint: async () => (await import("./commands/lint.ts")).lintCommand,
  permissions: async () => (await import("./commands/permissions.ts")).permissionsCommand,
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
  const name = rawArgs.find((arg) => !arg.startsWith("-"));
  const command = Object.entries(commands).find(([each]) => each === name)?.[1];
  const wantsHelp = rawArgs.includes("--help") || rawArgs.includes("-h");
  if (command === undefined || wantsHelp) {
    if (command === undefined) await showUsage(launchmeter);
    else await showUsage((await command()) as CommandDef, launchmeter);
    if (name !== undefined && command === undefined) {
      console.error(`There is no command ${JSON.stringify(name)}.`);
    }
    process.exitCode = wantsHelp || name === undefined ? 0 : 2;
    return;
  }
  const refusal = unknownOption((await command()) as CommandDef, rawArgs);
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

/** A mistyped option must not be passed over: it could decide whose cost is billed. */
function unknownOption(command: CommandDef, rawArgs: readonly string[]): string | undefined {
  const known = Object.entries((command.args as ArgsDef | undefined) ?? {});
  const names = known.map(([name]) => name);
  let isValue = false;
  for (const [index, arg] of rawArgs.slice(1).entries()) {
    if (isValue) {
      // The next option was not meant as this one's value.
      if (arg.startsWith("--")) return `${rawArgs[index]} needs a value.`;
      isValue = false;
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
