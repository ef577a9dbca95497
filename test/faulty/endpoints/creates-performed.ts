import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "a performed transaction is created again",
  instead: {
    createsAgain: ({ state }) => state > 0,
    created: ({ create_time, transaction }) => ({ create_time, transaction, state: 1 }),
  },
  fails: ["create.performed-id"],
};
