import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "amounts of the statement are in som",
  instead: { line: (row) => ({ ...row, amount: row.amount / 100 }) },
  fails: ["statement.tiyin"],
};
