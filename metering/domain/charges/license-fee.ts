import { DAY, HOUR, wholeUnits } from "../calendar.ts";
import type { LicenseFee } from "../charges.ts";
import { exactUsd, floorShare, parseDecimal, type Usd } from "../money.ts";
import { type MonthSoFar, type Run, unitsRun } from "./run.ts";

/** What the fee comes to for the part of the month that has run. */
export function licenseFee(run: Run<LicenseFee>, soFar: MonthSoFar): Usd {
  const { perMonth, proration } = run.charge;
  const share = (unit: number) =>
    floorShare(
      parseDecimal(perMonth),
      { digits: BigInt(unitsRun(run, soFar, unit)), scale: 0 },
      BigInt(wholeUnits(soFar.period, unit)),
    );
  switch (proration) {
    case "none":
      return unitsRun(run, soFar, HOUR) > 0 ? exactUsd(perMonth) : 0n;
    case "daily":
      return share(DAY);
    case "hourly":
      return share(HOUR);
  }
}
