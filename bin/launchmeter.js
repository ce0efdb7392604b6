#!/usr/bin/env node
// The sources are TypeScript and run as they are: tsx strips the types, here and when installed.
import { fileURLToPath } from "node:url";
import { register as registerRequire } from "tsx/cjs/api";
import { register } from "tsx/esm/api";

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
// A seller's folder may say "type": "commonjs", as `npm init` does: then Node requires the config.
registerRequire();
register({ tsconfig: fileURLToPath(new URL("../tsconfig.json", import.meta.url)) });
const { main } = await import("../scripts/launchmeter.ts");
await main(process.argv.slice(2));
