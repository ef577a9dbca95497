/** How many lines are shown. */
const SHOWN = 12;

/** The first lines that two texts do not share: `-` for those that are lost, `+` for those that come. */
export function shortDiff(before: string, after: string): string[] {
  const [old = [], given = []] = [before, after].map((text) => text.replaceAll("\r\n", "\n").split("\n"));
  // shared[i][j]: how many lines the rests from i and from j have in common, in order.
  const shared = Array.from({ length: old.length + 1 }, () => new Array<number>(given.length + 1).fill(0));
  const at = (i: number, j: number) => shared[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = given.length - 1; j >= 0; j -= 1) {
      const count = old[i] === given[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
      shared[i]?.splice(j, 1, count);
    }
  }
  const lines: string[] = [];
  for (let [i, j] = [0, 0]; i < old.length || j < given.length; ) {
    if (i < old.length && j < given.length && old[i] === given[j]) [i, j] = [i + 1, j + 1];
    else if (j < given.length && (i >= old.length || at(i, j + 1) > at(i + 1, j))) lines.push(`+ ${given[j++]}`);
    else lines.push(`- ${old[i++]}`);
  }
  const more = lines.length - SHOWN;
  return more > 0 ? [...lines.slice(0, SHOWN), `… ${more} more`] : lines;
}
