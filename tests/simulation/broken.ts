/** Says which promise of design 6 was broken, and how. */
export class Broken extends Error {
  readonly invariant: string;

  constructor(invariant: string, detail: string) {
    super(`${invariant}: ${detail}`);
    this.invariant = invariant;
  }
}

export function holds(invariant: string, condition: boolean, detail: () => unknown): void {
  if (condition) return;
  const told = detail();
  throw new Broken(invariant, typeof told === "string" ? told : show(told));
}

/** JSON with big integers. */
export function show(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === "bigint" ? `${each}` : each));
}
