import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "the statement lists transactions twice",
  instead: { list: (lines) => lines.flatMap((line) => [line, line]) },
  fails: ["statement.created-only"],
};
