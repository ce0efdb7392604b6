import type { MarketplaceState, MeteringRecord } from "./state.ts";

/** An hour of a buyer that was metered by ProductCode and by LicenseArn: AWS bills both (A4). */
export interface DuplicateBilling {
  readonly productCode: string;
  readonly customerAwsAccountId: string;
  readonly hour: number;
  readonly records: readonly MeteringRecord[];
}

export function duplicateBilling({ records }: MarketplaceState): readonly DuplicateBilling[] {
  const hours = new Map<string, MeteringRecord[]>();
  for (const record of Object.values(records)) {
    const { productCode, customerAwsAccountId, hour } = record;
    const key = JSON.stringify([productCode, customerAwsAccountId, hour]);
    hours.set(key, [...(hours.get(key) ?? []), record]);
  }
  return [...hours.values()].flatMap((together) => {
    const [first] = together;
    const ways = new Set(together.map(({ identifiedBy }) => identifiedBy));
    if (first === undefined || ways.size < 2) return [];
    const { productCode, customerAwsAccountId, hour } = first;
    return [{ productCode, customerAwsAccountId, hour, records: together }];
  });
}
