import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "the end of the period is not within it",
  instead: { isListed: (row, { from, to }) => row.time >= from && row.time < to },
  fails: ["statement.inclusive"],
};
