import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "CheckTransaction answers state 0 before Perform",
  instead: { checked: ({ id, time, amount, account, ...row }) => ({ ...row, state: row.state === 1 ? 0 : row.state }) },
  fails: ["check.created", "statement.agrees"],
};
