import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "a repeated Perform is answered with a new perform_time",
  instead: { performedAgain: (row, now) => ({ ...row, perform_time: now + 1 }) },
  fails: ["perform.repeat", "perform.at-once"],
};
