import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "an order that can be paid is answered with allow: false",
  instead: { allows: { allow: false } },
  fails: ["check-perform.allow"],
};
