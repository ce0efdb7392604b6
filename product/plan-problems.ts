import { field, list, repeated } from "./fields.ts";

/** What a plan's charges can't be together. */
export function planProblems(path: string, plan: unknown): string[] {
  const charges = list(field(plan, "charges")).map((charge, c) => ({
    path: `${path}.charges[${c}]`,
    kind: field(charge, "kind"),
    charge,
  }));
  const units = charges.filter(({ kind }) => kind === "perUnit");
  const minimums = charges.filter(({ kind }) => kind === "minimumSpend");
  const hostedScopes = charges.filter(
    ({ kind, charge }) =>
      kind === "percentageOfCost" &&
      field(plan, "hosting") === "seller" &&
      field(charge, "costScope") !== "tag",
  );
  return [
    // Two prices for one unit are one price; a copied charge would bill each unit twice.
    ...repeated(
      units.map((each) => ({ path: `${each.path}.meter`, value: field(each.charge, "meter") })),
      "another charge of the plan counts this meter, and each unit has one price; use tiers",
    ),
    ...minimums
      .slice(1)
      .map((each) => `${each.path} is a second minimumSpend: a plan has one monthly minimum.`),
    ...(minimums.length > 0 && minimums.length === charges.length
      ? [
          `${minimums[0]!.path} is a minimumSpend alone: it has nothing to top up; a fixed monthly fee is license({ … }).`,
        ]
      : []),
    ...(field(plan, "trial") !== undefined && charges.length === 0
      ? [`${path}.trial is of a free plan: a trial ends by being charged; leave it out.`]
      : []),
    ...hostedScopes.map(
      (each) =>
        `${each.path}.costScope must be "tag": you host this plan, so it is your account's cost that is read, and only what carries the deployment's tag is this buyer's.`,
    ),
  ];
}
