/** Numbers that look random and repeat for the same seed, so that a run can be repeated. */
export interface SeededRandom {
  /** In [0, 1). */
  next(): number;
  snapshot(): readonly number[];
  restore(snapshot: readonly number[]): void;
}

/** Chris Doty-Humphrey's small fast counter generator: 128 bits of state, four 32-bit words. */
export function seededRandom(seed: number): SeededRandom {
  let [a, b, c, counter] = [0x9e3779b9, seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0, 1];

  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  };
  // Neighbouring seeds begin alike; a few rounds part them.
  for (let round = 0; round < 12; round += 1) next();

  return {
    next,
    snapshot: () => [a, b, c, counter],
    restore: (snapshot) => {
      [a = 0, b = 0, c = 0, counter = 0] = snapshot;
    },
  };
}

const HEX = "0123456789abcdef";
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const LOWERCASE = "abcdefghijklmnopqrstuvwxyz0123456789";

export const hexText = (random: () => number, length: number) => text(random, HEX, length);
export const base32Text = (random: () => number, length: number) => text(random, BASE32, length);
export const base62Text = (random: () => number, length: number) => text(random, BASE62, length);
export const lowercaseText = (random: () => number, length: number) =>
  text(random, LOWERCASE, length);

export function uuid(random: () => number): string {
  const hex = hexText(random, 32);
  const variant = HEX[8 + Math.floor(random() * 4)];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

function text(random: () => number, alphabet: string, length: number): string {
  let result = "";
  for (let index = 0; index < length; index += 1) {
    result += alphabet[Math.floor(random() * alphabet.length)];
  }
  return result;
}
