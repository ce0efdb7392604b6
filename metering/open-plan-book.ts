import type { Dimension, Plan } from "./domain/charges.ts";
import {
  type PlanBook,
  reusedChargeIds,
  sameContent,
  vanishedPlans,
  withPlans,
} from "./domain/plan-book.ts";
import { withPrices } from "./domain/price-book.ts";
import { type ListedOffer, listedPrices } from "./domain/prices.ts";
import type { PlanBookStore } from "./plan-ports.ts";
import type { Clock } from "./ports.ts";

export interface DescribedProduct {
  readonly plans: readonly Plan[];
  readonly listing: {
    readonly dimensions: readonly Dimension[];
    readonly offers?: readonly ListedOffer[] | undefined;
  };
}

export type OpenedPlanBook =
  | {
      readonly kind: "opened";
      readonly book: PlanBook;
      /** What the seller should know, a sentence each. */
      readonly notes: readonly string[];
    }
  /** The product contradicts what was billed before: nothing may start with it. */
  | { readonly kind: "refused"; readonly problems: readonly string[] };

/**
 * Compares the product with what its plans and prices were, remembers what is new, and answers
 * all versions. Of several processes that start at once, one writes and the others find it.
 */
export async function openPlanBook(
  deps: { readonly clock: Clock; readonly planBook: PlanBookStore },
  product: DescribedProduct,
): Promise<OpenedPlanBook> {
  const listed = listedPrices(product.listing);
  let problems: readonly string[] = [];
  let notes: readonly string[] = [];
  const book = await deps.planBook.update((known) => {
    const now = deps.clock.now();
    const versions = withPlans(known?.versions ?? [], product.plans, now);
    problems = reusedChargeIds(versions);
    if (problems.length > 0) return known;
    const updated = withPrices(known?.prices, listed, now);
    notes = updated.notes;
    const after: PlanBook = { versions, prices: updated.prices };
    return known !== undefined && sameContent(after, known) ? known : after;
  });
  if (problems.length > 0) return { kind: "refused", problems };
  if (book === undefined) throw new Error("the plan book was not stored");
  return { kind: "opened", book, notes: [...vanished(book, product.plans), ...notes] };
}

function vanished({ versions }: PlanBook, plans: readonly Plan[]): string[] {
  return vanishedPlans(versions, plans).map(
    (id) =>
      `The plan ${JSON.stringify(id)} is not in the product any more: licenses that have it are charged as it was last.`,
  );
}
