import { PaymeConfigError } from "../kit/errors";

/** Payme's addresses: 185.234.113.1 to 185.234.113.15. Source: developer.help.paycom.uz, "Схема взаимодействия". */
export const PAYME_ADDRESSES: readonly string[] = /* @__PURE__ */ Array.from(
  { length: 15 },
  (_, n) => `185.234.113.${n + 1}`,
);

/** The addresses whose first `bits` bits are those of `base`. An IPv4 address counts in its IPv6 form. */
export interface AddressRange {
  readonly base: bigint;
  readonly bits: number;
}

const BITS = 128;
/** Where the IPv4 part of `::ffff:1.2.3.4` begins. */
const IPV4_START = 96;

/**
 * Parses addresses and ranges: `185.234.113.1`, `2001:db8::1`, `185.234.113.0/27`.
 *
 * @throws PaymeConfigError for any other text. It would refuse every caller without a reason.
 */
export function addressRanges(texts: readonly string[] | undefined): readonly AddressRange[] | undefined {
  return texts?.map((text) => {
    const range = rangeOf(text);
    if (range !== undefined) return range;
    throw new PaymeConfigError(`createMerchantApi: allowFrom has ${JSON.stringify(text)}, which is not an address`, {
      hint: "Give an address like 185.234.113.1, or a range like 185.234.113.0/27, without a port. PAYME_ADDRESSES has Payme's.",
    });
  });
}

/** True for an address in one of the ranges, however it is written. */
export function isAllowedAddress(allowed: readonly AddressRange[], text: string | undefined): boolean {
  const address = text === undefined ? undefined : addressOf(text);
  return address !== undefined && allowed.some((range) => isInside(range, address));
}

function isInside({ base, bits }: AddressRange, address: bigint): boolean {
  // A range of IPv6 lets no IPv4 caller in: `::/0` does not mean everybody.
  if (bits < IPV4_START && address >> 32n === 0xffffn) return false;
  return (address ^ base) >> BigInt(BITS - bits) === 0n;
}

function rangeOf(text: unknown): AddressRange | undefined {
  if (typeof text !== "string") return undefined;
  const [address = "", length, ...more] = text.split("/");
  const base = addressOf(address);
  if (base === undefined || more.length > 0) return undefined;
  const start = address.includes(":") ? 0 : IPV4_START;
  const bits = length === undefined ? BITS : start + smallNumber(length);
  return bits <= BITS ? { base, bits } : undefined;
}

/** A decimal number as it is written in an address; infinity for any other text. */
function smallNumber(text: string): number {
  return /^(0|[1-9]\d{0,2})$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
}

/** The 128 bits of an address; undefined for any other text, also for one with a zone (`fe80::1%eth0`). */
function addressOf(text: string): bigint | undefined {
  const last = text.slice(text.lastIndexOf(":") + 1);
  if (last.includes(".")) {
    const groups = ipv4Groups(last);
    return groups === undefined
      ? undefined
      : addressOf(last === text ? `::ffff:${groups}` : text.slice(0, -last.length) + groups);
  }
  const [head = [], tail, ...more] = text.split("::").map((part) => (part === "" ? [] : part.split(":")));
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (more.length > 0 || (tail === undefined ? missing !== 0 : missing < 1)) return undefined;
  const groups = [...head, ...Array<string>(missing).fill("0"), ...(tail ?? [])];
  if (!groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) return undefined;
  return groups.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}

/** An IPv4 address as two groups of IPv6. A leading zero is refused: some programs read it as octal. */
function ipv4Groups(text: string): string | undefined {
  const bytes = text.split(".");
  if (bytes.length !== 4 || !bytes.every((byte) => smallNumber(byte) <= 255)) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = bytes.map(Number);
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}
