import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "errors carry a result too",
  instead: { reply: (body) => ({ result: {}, ...body }) },
  fails: ["answer.result-or-error"],
};
