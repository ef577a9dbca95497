import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "parallel Creates each find the order free",
  instead: { readsThenCreates: true },
  fails: ["create.at-once", "create.same-at-once"],
};
