import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { launchCommand, shellQuoted } from "../../../registration-site/views/cli.ts";

/** What a real shell makes of it. */
const unquoted = (shellWord: string) =>
  execFileSync("/bin/sh", ["-c", `printf %s ${shellWord}`], { encoding: "utf8" });

describe("a value in a command to copy", () => {
  it.each(["plain", "two words", "it's", "$(reboot)", "`id`", 'a"b', "a;b&c|d", "*", "!x", ""])(
    "reaches the command unchanged: %j",
    (value) => expect(unquoted(shellQuoted(value))).toBe(value),
  );
});

describe("the launch command", () => {
  const command = launchCommand({
    template: {
      version: "1.0.0",
      sha256: "ab".repeat(32),
      url: "https://templates.s3.us-east-1.amazonaws.com/launch stack.json",
      permissions: [],
      resources: [],
      regions: [],
      sizes: [],
    },
    stackName: "example",
    region: "eu-central-1",
    size: "dev",
    code: { code: "AAAA-BBBB", expiresAt: 0, externalIds: ["first", "second"] },
  });

  it("launches only what has the published hash", () => {
    const [download, check, ...deploy] = command.split("&&");

    expect(download).toContain("'https://templates.s3.us-east-1.amazonaws.com/launch stack.json'");
    expect(check).toContain(`${"ab".repeat(32)}  launch-stack.json`);
    expect(check).toContain("sha256sum --check");
    expect(deploy.join()).toContain("aws cloudformation deploy");
  });

  it("gives every parameter of the launch link, and lists with commas", () => {
    expect(command).toContain("InstallCode=AAAA-BBBB");
    expect(command).toContain("ExternalIds=first,second");
    expect(command).toContain("Size=dev");
  });
});
