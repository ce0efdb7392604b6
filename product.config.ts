import { defineProduct, license, percentageOfCost } from "launchmeter";

/**
 * The product you sell. Edit this file; everything else follows from it: the launch stack, the
 * registration site, the prices and the metering.
 *
 * This one is an example. Amounts are strings, because 0.1 has no exact binary number.
 */
export default defineProduct({
  title: "Fernhollow Analytics",
  name: "fernhollow-analytics",

  // Copied from the listing in the AWS Marketplace Management Portal.
  listing: {
    productCode: "4fernhollow7analytics0sbx",
    productId: "prod-fernhollow7an",
    dimensions: [
      {
        // One unit is one US cent of AWS cost, and costs a fifth of a cent.
        name: "aws_cost_cents",
        description: "US cents of AWS cost managed, billed at 20 %",
        unitPrice: "0.002",
      },
      {
        name: "license_cents",
        description: "License fee in US cents",
        unitPrice: "0.01",
      },
    ],
  },

  seller: {
    name: "Fernhollow",
    // The account that published the listing. The only one that buyers' stacks let in.
    accountId: "999988887777",
    supportEmail: "support@fernhollow.example.com",
    supportUrl: "https://fernhollow.example.com/support",
    meteringRegion: "us-east-1",
  },

  // What a buyer can pick. The first plan is the default.
  plans: [
    {
      id: "share",
      title: "Pay as you grow",
      summary: "20 % of what AWS charges you for the account it runs in.",
      charges: [
        percentageOfCost({
          id: "share-of-cost",
          dimension: "aws_cost_cents",
          percent: "20",
          costMetric: "BilledCost",
          costScope: "account",
        }),
      ],
    },
    {
      id: "license",
      title: "Flat license",
      summary: "$19 a month, by the day, however much you run.",
      charges: [
        license({
          id: "monthly-license",
          dimension: "license_cents",
          perMonth: "19",
          proration: "daily",
        }),
      ],
    },
  ],

  // What lands in the buyer's account. A published version never changes: raise it instead.
  launchStack: {
    version: "1.0.0",
    sizes: ["dev", "staging", "production"],
    defaultSize: "production",
  },
});
