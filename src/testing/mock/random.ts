/** Numbers from 0 to 1 that a seed repeats exactly. */
export type Random = () => number;

/** Dice that can be put away and taken up again. */
export interface Dice {
  next: Random;
  /** As a seed it makes dice that go on from here. */
  state(): number;
}

/** A small generator (mulberry32): good enough to make ids and to throw dice for faults, never for secrets. */
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

/** So many hexadecimal digits. */
export function hexDigits(random: Random, count: number): string {
  return Array.from({ length: count }, () => Math.floor(random() * 16).toString(16)).join("");
}

/** An id as Payme makes them: the second of creation in 8 hexadecimal digits, then 16 others. */
export function paymeId(random: Random, now: number): string {
  return (
    Math.floor(now / 1000)
      .toString(16)
      .padStart(8, "0")
      .slice(-8) + hexDigits(random, 16)
  );
}
