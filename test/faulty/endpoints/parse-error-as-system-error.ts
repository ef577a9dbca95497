import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "no JSON is a system error",
  instead: { parseErrorCode: -32400 },
  fails: ["json-rpc.parse-error"],
};
