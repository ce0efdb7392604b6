import { refuse } from "./template.ts";

/** Fn::Cidr for IPv4: `count` blocks of `hostBits` host bits each, from the start of the block. */
export function cidrBlocks(block: string, count: number, hostBits: number): string[] {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(block);
  const prefix = Number(match?.[5]);
  const bytes = match?.slice(1, 5).map(Number) ?? [];
  if (match === null || prefix > 32 || bytes.some((byte) => byte > 255)) {
    refuse(`Template error: Fn::Cidr needs an IPv4 block, but received ${block}`);
  }
  if (!Number.isInteger(count) || count < 1 || count > 256) {
    refuse("Template error: Fn::Cidr count must be between 1 and 256");
  }
  if (!Number.isInteger(hostBits) || hostBits < 1 || count * 2 ** hostBits > 2 ** (32 - prefix)) {
    refuse(`Template error: Fn::Cidr cannot fit ${count} blocks of ${hostBits} bits in ${block}`);
  }
  const size = 2 ** (32 - prefix);
  const address = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  const start = Math.floor(address / size) * size;
  return Array.from({ length: count }, (_, index) => {
    const first = start + index * 2 ** hostBits;
    const quads = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
    return `${quads.join(".")}/${32 - hostBits}`;
  });
}
