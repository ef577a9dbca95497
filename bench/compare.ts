/** One side of a comparison: does the work `times` times. */
export type Side = (times: number) => unknown;

/** What a comparison came to: rates per second, and ours as a share of the floor's. */
export interface Ratio {
  readonly floorPerSecond: number;
  readonly oursPerSecond: number;
  readonly ratio: number;
}

const ROUNDS = 15;
const ROUND_MS = 200;

/**
 * Runs both sides in turn, many short rounds each, so that a machine's noise meets both alike. The ratio is the median
 * of the rounds' ratios, each of two neighbours in time.
 *
 * @param warmUp how often each is run before anything counts. Where a disk allows some hundred times a second, a round has
 * too few of them for the compiler of JavaScript, and a server that runs for more than a few seconds is not what is measured.
 */
export async function compare(floor: Side, ours: Side, { warmUp = 0 } = {}): Promise<Ratio> {
  await floor(warmUp);
  await ours(warmUp);
  const floorTimes = await calibrate(floor);
  const oursTimes = await calibrate(ours);
  const rounds: Ratio[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const [floorPerSecond, oursPerSecond] =
      round % 2 === 0
        ? [await rate(floor, floorTimes), await rate(ours, oursTimes)]
        : (await both(ours, oursTimes, floor, floorTimes)).reverse();
    if (floorPerSecond === undefined || oursPerSecond === undefined) continue;
    rounds.push({ floorPerSecond, oursPerSecond, ratio: oursPerSecond / floorPerSecond });
  }
  return rounds.sort((a, b) => a.ratio - b.ratio)[Math.floor(rounds.length / 2)] ?? fail();
}

/** Prints a line that a person and a script can read. */
export function print(name: string, wanted: string, { floorPerSecond, oursPerSecond, ratio }: Ratio): void {
  const rates = `ours ${Math.round(oursPerSecond)}/s, floor ${Math.round(floorPerSecond)}/s`;
  console.log(`${ratio.toFixed(2).padStart(6)}  ${wanted.padEnd(9)} ${name} (${rates})`);
}

/** The middle one. */
export function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? fail();
}

async function both(first: Side, firstTimes: number, second: Side, secondTimes: number): Promise<number[]> {
  return [await rate(first, firstTimes), await rate(second, secondTimes)];
}

async function rate(side: Side, times: number): Promise<number> {
  const start = process.hrtime.bigint();
  await side(times);
  return times / (Number(process.hrtime.bigint() - start) / 1e9);
}

/** How often fits into a round; warms up on the way. */
async function calibrate(side: Side): Promise<number> {
  let times = 1;
  for (;;) {
    const perSecond = await rate(side, times);
    if ((times / perSecond) * 1000 >= ROUND_MS / 2) return Math.max(1, Math.round((perSecond * ROUND_MS) / 1000));
    times *= 2;
  }
}

function fail(): never {
  throw new Error("no rounds");
}
