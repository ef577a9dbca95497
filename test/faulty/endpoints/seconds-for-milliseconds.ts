import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "times are in seconds",
  instead: { ownTime: (now) => Math.floor(now / 1000) },
  fails: ["create.milliseconds", "perform.milliseconds", "cancel.milliseconds"],
};
