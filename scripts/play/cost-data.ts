import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { readFocusFile } from "../../sandbox/cost/focus-file.ts";

/** Whose cost the play is about, and over which months. */
export interface CostData {
  readonly file: string;
  readonly sourceAccountId?: string;
  /** The AWS account whose cost it becomes: the file's own, where it has AWS's form. */
  readonly accountId: string;
  /** First instant of the first month with cost, and the first after the last one. */
  readonly start: number;
  readonly end: number;
}

/** In AWS's documentation style; exports made anonymous have ids that no AWS account has. */
const PLAYED_ACCOUNT = "222233334444";

const EXAMPLE = fileURLToPath(new URL("../../sandbox/data/example-focus.csv", import.meta.url));

/** Reads a FOCUS file once, so that a bad one is refused before anything is started. */
export async function findCostData(
  file: string | undefined,
  account: string | undefined,
): Promise<CostData> {
  const path = file === undefined ? EXAMPLE : resolve(file);
  const days = (await readFocusFile(path, account)).map(({ day }) => day);
  const first = new Date(days.reduce((a, b) => Math.min(a, b)));
  const last = new Date(days.reduce((a, b) => Math.max(a, b)));
  return {
    file: path,
    ...(account === undefined ? {} : { sourceAccountId: account }),
    accountId: /^\d{12}$/.test(account ?? "") ? `${account}` : PLAYED_ACCOUNT,
    start: Date.UTC(first.getUTCFullYear(), first.getUTCMonth(), 1),
    end: Date.UTC(last.getUTCFullYear(), last.getUTCMonth() + 1, 1),
  };
}
