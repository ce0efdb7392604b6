// Checks the JSON of `npm start -- --once --json`, with arithmetic of its own:
//   node .ci/check-sale.js FILE PLAN
import { readFileSync } from "node:fs";

const [file, plan] = process.argv.slice(2);
const sale = JSON.parse(readFileSync(file, "utf8").trim().split("\n").at(-1));
const problems = [];

/** A decimal string as a whole number of 10⁻³⁰ USD; anything else is a problem. */
function exact(name) {
  const [, sign, whole, fraction = ""] = /^(-?)(\d+)(?:\.(\d{1,30}))?$/.exec(sale[name]) ?? [];
  if (whole === undefined) {
    problems.push(`${name} is ${JSON.stringify(sale[name])}, not an exact decimal string`);
    return 0n;
  }
  return BigInt(`${sign}${whole}${fraction.padEnd(30, "0")}`);
}

const owed = exact("ratedUsd") + exact("creditUsd");
const stated =
  exact("billedUsd") +
  exact("carriedUsd") +
  exact("pendingUsd") +
  exact("inDoubtUsd") +
  exact("forfeitedUsd");
if (owed !== stated) problems.push("rated + credit is not billed + carried + pending + …");
if (sale.plan !== plan) problems.push(`the plan is ${sale.plan}, not ${plan}`);
if (exact("billedUsd") <= 0n) problems.push("nothing was billed");
if (BigInt(sale.acceptedUnits) * exact("unitPriceUsd") !== exact("billedUsd")) {
  problems.push("accepted units × unit price is not billed");
}
if (exact("carriedUsd") >= exact("unitPriceUsd")) problems.push("a whole unit was left behind");
if (plan === "share" && exact("ratedUsd") * 5n !== exact("costUsd")) {
  problems.push("rated is not 20 % of the cost");
}
if (sale.records.accepted < 1) problems.push("no record was accepted");
const lost = ["duplicate", "expired", "refused", "inDoubt"].filter((kind) => sale.records[kind]);
if (lost.length > 0) problems.push(`records ended as ${lost.join(", ")}`);

console.log(JSON.stringify(sale));
if (problems.length > 0) {
  console.error(problems.map((problem) => `! ${problem}`).join("\n"));
  process.exit(1);
}
console.log("The amounts add up.");
