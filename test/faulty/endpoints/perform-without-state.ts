import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "Perform is answered with state 1",
  instead: { performed: ({ transaction, perform_time }) => ({ transaction, perform_time, state: 1 }) },
  fails: ["perform.state"],
};
