import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "CheckTransaction answers 0 for every time but one",
  instead: {
    checked: ({ create_time, transaction, state, reason }) => ({
      create_time,
      perform_time: 0,
      cancel_time: 0,
      transaction,
      state,
      reason,
    }),
  },
  fails: ["check.performed", "check.cancelled", "check.refunded", "timeout.reason", "statement.agrees"],
};
