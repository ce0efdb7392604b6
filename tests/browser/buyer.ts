import type { Page } from "playwright-core";
import type { Market } from "./market.ts";

/** A different host name for AWS Marketplace: its form then is posted across sites, as in life. */
export const listingUrl = ({ sandbox, product }: Market): string =>
  `${sandbox.origin.replace("127.0.0.1", "localhost")}/marketplace/${product.listing.productId}`;

export const button = (page: Page, name: string) => page.getByRole("button", { name });
export const link = (page: Page, name: string) => page.getByRole("link", { name });

/** AWS confirms a license in its own time; the page offers to look again. */
export async function waitForConfirmation(page: Page): Promise<void> {
  while (await button(page, "Launch Stack").isDisabled()) {
    await link(page, "check now").click();
  }
}

/** The console shows events as they come; this waits for the one that ends them. */
export async function waitForStatus(page: Page, status: string): Promise<void> {
  const exactly = new RegExp(`^\\s*${status}\\s*$`);
  await page.getByRole("status").filter({ hasText: exactly }).waitFor();
  // While events stream in, what was about to be clicked may be replaced.
  await page.locator("#live[aria-busy=true]").waitFor({ state: "detached" });
}
