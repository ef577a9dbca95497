import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "the fiscal detail is beside the result",
  instead: { reply: (body) => ("result" in body ? { ...body, detail: { receipt_type: 0, items: [] } } : body) },
  fails: ["check-perform.detail"],
};
