import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "Perform and Cancel answer the id of Payme as transaction",
  instead: {
    performed: ({ id, perform_time, state }) => ({ transaction: id, perform_time, state }),
    cancelled: ({ id, cancel_time, state }) => ({ transaction: id, cancel_time, state }),
  },
  fails: ["perform.transaction", "cancel.transaction"],
};
