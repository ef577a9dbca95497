import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "an account without its field is a system error",
  instead: { missingFieldCode: -32400 },
  fails: ["check-perform.malformed-account", "create.malformed-account"],
};
