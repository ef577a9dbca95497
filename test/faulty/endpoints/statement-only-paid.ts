import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "the statement lists what was paid",
  instead: { isListed: (row, { from, to }) => row.state === 2 && row.time >= from && row.time <= to },
  fails: ["statement.all-states"],
};
