/** Returns numbers from 0 to 1; the same seed gives the same numbers. */
export type Random = () => number;

/** A random generator that can be saved and continued. */
export interface Dice {
  next: Random;
  /** A seed of a generator that continues from here. */
  state(): number;
}

/** A small generator (mulberry32) for ids and faults, never for secrets. */
export function seededRandom(seed: number): Dice {
  let state = seed >>> 0;
  return {
    state: () => state,
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    },
  };
}

/** Returns `count` hexadecimal digits. */
export function hexDigits(random: Random, count: number): string {
  return Array.from({ length: count }, () => Math.floor(random() * 16).toString(16)).join("");
}

/** Returns an id like Payme's: the second of creation in 8 hexadecimal digits, then 16 random ones. */
export function paymeId(random: Random, now: number): string {
  const second = Math.floor(now / 1000).toString(16);
  return second.padStart(8, "0").slice(-8) + hexDigits(random, 16);
}
