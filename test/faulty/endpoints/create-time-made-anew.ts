import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "a repeated Create is answered with a new create_time",
  instead: { createdAgain: (row, now) => ({ ...row, create_time: now + 1 }) },
  fails: ["create.repeat", "create.same-at-once"],
};
