import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "there is no GetStatement",
  instead: { hasStatement: false },
  fails: ["statement.empty"],
};
