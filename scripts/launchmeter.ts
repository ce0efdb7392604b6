import { type CommandDef, defineCommand, runCommand, showUsage } from "citty";

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
  try {
    await runCommand(launchmeter, { rawArgs: [...rawArgs] });
  } catch (error) {
    console.error(`launchmeter ${name}: ${(error as Error).message}`);
    if (process.env["LAUNCHMETER_DEBUG"] !== undefined) console.error(error);
    process.exitCode = (error as Error).name === "CLIError" ? 2 : 1;
  }
}
