import { defineCommand } from "citty";
import { loadProduct } from "../../product/load-product.ts";
import { createSandbox } from "../../sandbox/create-sandbox.ts";
import { sandboxProduct } from "../local/sandbox-product.ts";

export const sandboxCommand = defineCommand({
  meta: { name: "sandbox", description: "Serve a local AWS that any AWS SDK can point at" },
  args: {
    port: { type: "string", default: "4700", valueHint: "N", description: "0 takes a free one" },
    config: {
      type: "string",
      default: "product.config.ts",
      valueHint: "FILE",
      description: "The product on its marketplace",
    },
    "fulfillment-url": {
      type: "string",
      default: "http://127.0.0.1:4800/",
      valueHint: "URL",
      description: "Where the listing sends a buyer's registration token",
    },
    data: { type: "string", valueHint: "DIR", description: "Keep its state there" },
    "start-at": { type: "string", valueHint: "TIME", description: "Begin at this ISO 8601 time" },
    seed: { type: "string", valueHint: "N", description: "Repeat the same ids and faults" },
  },
  async run({ args }) {
    const product = await loadProduct(args.config);
    const sandbox = await createSandbox({
      port: portNumber("--port", args.port),
      products: [sandboxProduct(product, args["fulfillment-url"])],
      ...(args.data === undefined ? {} : { dataDir: args.data }),
      ...(args["start-at"] === undefined ? {} : { startAt: instant(args["start-at"]) }),
      ...(args.seed === undefined ? {} : { seed: wholeNumber("--seed", args.seed) }),
    });
    const { accessKeyId, secretAccessKey } = sandbox.sellerCredentials;
    console.log(
      [
        `AWS, for this machine only: ${sandbox.origin}`,
        `  listing   ${sandbox.origin}/marketplace/${product.listing.productId}`,
        `  control   ${sandbox.origin}/_sandbox/identity`,
        `  seed      ${sandbox.seed}`,
        "",
        "Point an AWS SDK at it, as the seller:",
        `  export AWS_ENDPOINT_URL=${sandbox.origin} AWS_REGION=us-east-1`,
        `  export AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey}`,
        "",
        "Ctrl-C stops it.",
      ].join("\n"),
    );
    await interrupted();
    await sandbox.close();
  },
});

export function wholeNumber(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`${option} is ${JSON.stringify(text)}: it must be a whole number.`);
}

export function portNumber(option: string, text: string): number {
  const port = wholeNumber(option, text);
  if (port <= 65_535) return port;
  throw new Error(`${option} is ${JSON.stringify(text)}: a port is a number from 0 to 65535.`);
}

function instant(text: string): number {
  const parsed = Date.parse(text);
  if (!Number.isNaN(parsed)) return parsed;
  throw new Error(`--start-at is ${JSON.stringify(text)}: it must be a time as 2026-11-01T00:00Z.`);
}

/** Until the person at the terminal has had enough. */
export function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
}
