import { mixedSale, troubledSale, endedTrialSale } from "./metering/statement-cases.ts";
import { verifyStatement } from "../metering/domain/verify-statement.ts";
import { figuresOf, tampered } from "./metering/statement-figures.ts";
import { aStatement, aTroubledStatement } from "./registration-site/pages/samples.ts";
const all = [mixedSale(), troubledSale(), endedTrialSale()].flatMap((sale) => sale.months.map((m) => sale.statement(m)));
all.push(aStatement(), aTroubledStatement());
for (const s of all) {
  const places = figuresOf(s);
  const t0 = Date.now();
  const missed = places.filter((p) => verifyStatement(tampered(s, p)).length === 0).map((p) => p.join("."));
  console.log(s.month, places.length, Date.now() - t0, "ms", missed.length, missed.slice(0, 40));
}
