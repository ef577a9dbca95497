const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;
const FIRST_DELAY_MS = 5 * SECOND_MS;

/** The delay before the attempt after the n-th: 5 s, 10 s, 20 s … an hour at most, less up to a fifth by chance. */
export function retryDelayMs(attempt: number, random: () => number): number {
  const delay = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), HOUR_MS);
  return Math.round(delay * (1 - random() / 5));
}
