import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "a transaction has one time, that of its last change",
  instead: {
    checked: ({ create_time, perform_time, cancel_time, transaction, state, reason }) => ({
      create_time: cancel_time || perform_time || create_time,
      perform_time,
      cancel_time,
      transaction,
      state,
      reason,
    }),
  },
  fails: ["check.create-time-kept", "statement.agrees"],
};
