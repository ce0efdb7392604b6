/** Crockford's alphabet: no I, L, O or U, so that a code survives being read aloud. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Five bits a character; the bytes must fill whole characters (a multiple of 5 bytes). */
export function base32(bytes: Uint8Array): string {
  if (bytes.length % 5 !== 0) throw new RangeError(`${bytes.length} bytes are not whole groups`);
  let bits = 0n;
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte);
  let text = "";
  for (let left = (bytes.length * 8) / 5; left > 0; left -= 1) {
    text = ALPHABET.charAt(Number(bits & 31n)) + text;
    bits >>= 5n;
  }
  return text;
}
