/** Does the work so many times, in so many lanes: each takes the next one when it is done. */
export async function inLanes(lanes: number, times: number, work: () => Promise<void>): Promise<void> {
  let left = times;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await work();
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
