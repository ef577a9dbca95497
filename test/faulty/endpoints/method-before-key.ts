import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "unknown methods are told to anybody",
  instead: { methodBeforeKey: true },
  fails: ["auth.before-method"],
};
