import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "the old key is let in after ChangePassword",
  instead: { keepsOldKey: true },
  fails: ["change-password.changed"],
};
