import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "parallel Performs each fulfil the order",
  instead: { readsThenPerforms: true },
  fails: ["perform.at-once", "perform.once"],
};
