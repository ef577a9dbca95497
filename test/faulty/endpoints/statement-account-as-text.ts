import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "the statement has the account as text",
  instead: { line: (row) => ({ ...row, account: row.account.order_id }) },
  fails: ["statement.as-received"],
};
