import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "a cancelled transaction is created again",
  instead: {
    createsAgain: () => true,
    created: ({ create_time, transaction }) => ({ create_time, transaction, state: 1 }),
  },
  fails: ["create.cancelled-id", "create.performed-id"],
};
