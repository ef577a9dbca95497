import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "CheckTransaction answers another create_time than Create",
  instead: { checked: ({ id, time, amount, account, ...row }) => ({ ...row, create_time: row.create_time + 1 }) },
  fails: ["check.create-time", "statement.agrees"],
};
