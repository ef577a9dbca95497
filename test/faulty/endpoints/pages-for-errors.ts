import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "what was not foreseen is a page",
  instead: { needsId: false },
  fails: ["json-rpc.missing-params", "http.status"],
};
