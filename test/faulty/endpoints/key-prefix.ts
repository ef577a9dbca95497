import type { Mistake } from "./mistake";
import { KEY } from "./reference";

export const mistake: Mistake = {
  name: "the key is compared as far as it was given",
  instead: {
    authorises: (credentials) => `Paycom:${KEY}`.startsWith(credentials) && credentials.startsWith("Paycom:"),
  },
  fails: ["auth.key-part"],
};
