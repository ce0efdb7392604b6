/** A bug that somebody could really write, as an exact change of the product's text. */
export interface Mutant {
  /** The mistake as it is made in real life, in a sentence. */
  readonly mistake: string;
  readonly changes: readonly Change[];
}

export interface Change {
  /** From the repository's root. */
  readonly file: string;
  /** Must stand in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** The file's text with the change made; throws when it doesn't fit the code any more. */
export function changed(text: string, { file, find, replace }: Change): string {
  const [before, after, ...more] = text.split(find);
  if (before === undefined || after === undefined || more.length > 0) {
    const times = text.split(find).length - 1;
    throw new Error(`${file} holds the text to change ${times} times, not once:\n${find}`);
  }
  return before + replace + after;
}
