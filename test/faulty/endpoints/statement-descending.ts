import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "the newest comes first in the statement",
  instead: { order: (a, b) => b.time - a.time },
  fails: ["statement.ascending"],
};
