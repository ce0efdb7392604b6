import { expect, it } from "vitest";
import { defineProduct } from "../../product/define-product.ts";
import { meteredAs } from "../../registration-site/metered-as.ts";
import example from "../../product.config.ts";

it("meters a new license by LicenseArn, and by ProductCode only where the listing says so", () => {
  const { listing } = example;
  const older = defineProduct({
    ...example,
    listing: { ...listing, identifiedBy: "product-code" },
  });

  expect(meteredAs(example)).toEqual({ meteringRegion: "us-east-1" });
  expect(meteredAs(older)).toEqual({ meteringRegion: "us-east-1", legacy: {} });
});

it("refuses another way of naming a buyer", () => {
  const identifiedBy = "account" as "license-arn";

  expect(() =>
    defineProduct({ ...example, listing: { ...example.listing, identifiedBy } }),
  ).toThrow(/listing\.identifiedBy.*"license-arn", "product-code"/);
});
