import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "refusals do not name the field",
  instead: { data: undefined },
  fails: ["answer.data"],
};
