import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "an empty statement is an error",
  instead: { emptyIsAnError: true },
  fails: ["statement.empty"],
};
