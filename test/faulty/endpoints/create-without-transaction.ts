import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "transactions have no id of their own",
  instead: { transactionOf: () => "" },
  fails: ["create.transaction"],
};
