/**
 * The files that stand in for Lambda's Node.js runtime in a function's process. They are text,
 * because they are CommonJS and run where no TypeScript is.
 */

/** Moves `Date` to the sandbox's clock and leaves timers alone. */
export function datePreload(offsetMs: number): string {
  return `"use strict";
const RealDate = Date;
const now = () => RealDate.now() + ${offsetMs};
const SandboxDate = new Proxy(RealDate, {
  apply: () => new RealDate(now()).toString(),
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget === SandboxDate ? target : newTarget),
  get: (target, key) => (key === "now" ? now : Reflect.get(target, key)),
});
RealDate.prototype.constructor = SandboxDate;
globalThis.Date = SandboxDate;
`;
}

/** Calls the handler once and writes how it ended to the file named in the invocation. */
export const BOOTSTRAP = `"use strict";
const fs = require("node:fs");
const path = require("node:path");
const invocation = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const started = process.hrtime.bigint();
let finished = false;
function finish(result) {
  if (finished) return;
  finished = true;
  fs.writeFileSync(invocation.resultFile, JSON.stringify(result));
  process.exit(0);
}
function fail(error) {
  const known = error instanceof Error;
  console.error(known ? error.stack : error);
  finish({ errorType: known ? error.name : typeof error, errorMessage: known ? error.message : String(error) });
}
process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);
process.on("beforeExit", () => finish({ value: null }));
const context = {
  ...invocation.context,
  callbackWaitsForEmptyEventLoop: true,
  getRemainingTimeInMillis: () =>
    Math.max(0, invocation.timeoutMs - Number((process.hrtime.bigint() - started) / 1000000n)),
};
if (invocation.callbacks) {
  context.succeed = (value) => finish({ value: value === undefined ? null : value });
  context.fail = fail;
  context.done = (error, value) => (error ? fail(error) : context.succeed(value));
}
try {
  const [file, name] = invocation.handler.split(".");
  const handler = require(path.join(process.env.LAMBDA_TASK_ROOT, file + ".js"))[name];
  if (typeof handler !== "function") {
    throw new Error(invocation.handler + " is undefined or not exported");
  }
  if (!invocation.callbacks && handler.length > 2) {
    throw new Error("This runtime has no callbacks: the handler must be async or return a promise.");
  }
  const given = invocation.callbacks ? [invocation.event, context, context.done] : [invocation.event, context];
  const returned = handler(...given);
  if (returned && typeof returned.then === "function") {
    returned.then((value) => finish({ value: value === undefined ? null : value }), fail);
  }
} catch (error) {
  fail(error);
}
`;

/** The module that inline functions, and only they, may require by the name cfn-response. */
export const CFN_RESPONSE = `"use strict";
exports.SUCCESS = "SUCCESS";
exports.FAILED = "FAILED";
exports.send = (event, context, status, data, physicalId, noEcho) =>
  new Promise((resolve) => {
    const body = JSON.stringify({
      Status: status,
      Reason: "See the details in CloudWatch Log Stream: " + context.logStreamName,
      PhysicalResourceId: physicalId || context.logStreamName,
      StackId: event.StackId,
      RequestId: event.RequestId,
      LogicalResourceId: event.LogicalResourceId,
      NoEcho: noEcho || false,
      Data: data,
    });
    const url = new URL(event.ResponseURL);
    const { request } = require(url.protocol === "https:" ? "node:https" : "node:http");
    const over = () => {
      if (context.done) context.done();
      resolve();
    };
    const put = request(url, {
      method: "PUT",
      headers: { "content-type": "", "content-length": Buffer.byteLength(body) },
    });
    put.on("response", (response) => response.resume().on("end", over));
    put.on("error", (error) => {
      console.log("send(..) failed: " + error.message);
      over();
    });
    put.end(body);
  });
`;
