import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "Create is answered with state 0",
  instead: { created: ({ create_time, transaction }) => ({ create_time, transaction, state: 0 }) },
  fails: ["create.state"],
};
