const WIDTH = 30;
const EVERY_MS = 100;

/** Tells how far a long work is: one line that is rewritten on a terminal, else a line for each tenth. */
export function progressOf(title: string, total: number, say: (line: string) => void) {
  const { stderr } = process;
  let [shownAt, shownTenth] = [0, -1];
  return {
    at(done: number): void {
      const part = total === 0 ? 1 : Math.min(done / total, 1);
      const text = `${title}: ${done} of ${total}`;
      const isEnd = done >= total;
      if (!stderr.isTTY) {
        const tenth = Math.floor(part * 10);
        if (tenth > shownTenth) say(text);
        shownTenth = tenth;
        return;
      }
      if (!isEnd && Date.now() - shownAt < EVERY_MS) return;
      shownAt = Date.now();
      const filled = Math.round(part * WIDTH);
      stderr.write(`\r[${"#".repeat(filled)}${".".repeat(WIDTH - filled)}] ${text}\x1b[K${isEnd ? "\n" : ""}`);
    },
  };
}
