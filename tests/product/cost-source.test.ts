import { describe, expect, it } from "vitest";
import {
  athena,
  costExplorer,
  dataExport,
  defineProduct,
  percentageOfCost,
} from "../../product/define-product.ts";
import type { ProductInput } from "../../product/input.ts";

function aProduct(costSource?: unknown): ProductInput {
  return {
    title: "Example",
    name: "example",
    listing: {
      productCode: "abc123",
      productId: "prod-abc123",
      dimensions: [{ name: "cents", description: "US cents", unitPrice: "0.01" }],
    },
    seller: {
      name: "Example seller",
      accountId: "999988887777",
      supportEmail: "support@example.com",
    },
    plans: [
      {
        id: "share",
        title: "Share",
        summary: "A share of your AWS cost.",
        charges: [percentageOfCost({ id: "share", dimension: "cents", percent: "20" })],
      },
    ],
    launchStack: { version: "1.0.0" },
    ...(costSource === undefined ? {} : { costSource: costSource as never }),
  };
}

function refusalOf(costSource: unknown): string {
  try {
    defineProduct(aProduct(costSource));
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

const TABLE = {
  database: "exports",
  table: "focus",
  format: "focus-1.2",
  workGroup: "primary",
  region: "us-east-1",
} as const;

describe("the source of cost", () => {
  it("is Cost Explorer unless the seller chooses another", () => {
    expect(defineProduct(aProduct()).costSource).toEqual(costExplorer());
  });

  it.each([
    costExplorer(),
    dataExport({ location: "s3://seller-exports/{accountId}/focus" }),
    dataExport({ location: "s3://seller-exports", region: "eu-central-1" }),
    dataExport({ location: "./exports" }),
    athena(TABLE),
  ])("may be %j", (source) => {
    const product = defineProduct(aProduct(source));

    expect(product.costSource).toEqual(source);
    expect(defineProduct(product).costSource).toEqual(source);
  });

  it.each([
    [{ kind: "billing" }, "a source made by costExplorer(), dataExport({ … }) or athena({ … })"],
    [dataExport({ location: "s3://{accountId}-exports/" }), "costSource.location is"],
    [dataExport({ location: "s3://exports/{account}" }), "{accountId} may stand in the prefix"],
    [dataExport({ location: "https://exports.example.com" }), "it must be a folder, or"],
    [dataExport({ location: " " }), "it must be a folder, or"],
    [{ ...dataExport({ location: "x" }), folder: "y" }, "folder is not a field"],
    [athena({ ...TABLE, table: 'focus" --' }), "the name of a table in Athena"],
    [athena({ ...TABLE, workGroup: "" }), "the name of a work group"],
  ])("is refused as %j", (source, sentence) => {
    expect(refusalOf(source)).toContain(sentence);
  });
});
