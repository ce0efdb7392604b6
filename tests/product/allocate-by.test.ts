import { expect, it } from "vitest";
import { defineProduct, license } from "../../product/define-product.ts";

function withAllocateBy(allocateBy: unknown) {
  return defineProduct({
    title: "Example",
    name: "example",
    listing: {
      productCode: "abc123",
      productId: "prod-abc123",
      dimensions: [{ name: "cents", description: "US cents", unitPrice: "0.01" }],
      allocateBy: allocateBy as [],
    },
    seller: { name: "Seller", accountId: "999988887777", supportEmail: "support@example.com" },
    plans: [
      {
        id: "flat",
        title: "Flat",
        summary: "A fee.",
        charges: [license({ id: "fee", dimension: "cents", perMonth: "19" })],
      },
    ],
    launchStack: { version: "1.0.0" },
  });
}

it("takes what records can be split by, and nothing by default", () => {
  expect(withAllocateBy(["StackId", "Region"]).listing.allocateBy).toEqual(["StackId", "Region"]);
  expect(withAllocateBy(undefined).listing.allocateBy).toBeUndefined();
});

it.each([[[]], [["Region", "Region"]], [["AccountID"]], ["Region"]])(
  "refuses %j with a sentence",
  (allocateBy) => {
    expect(() => withAllocateBy(allocateBy)).toThrow(/listing\.allocateBy.*"AccountId"/);
  },
);
