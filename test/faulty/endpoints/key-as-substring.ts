import type { Mistake } from "./mistake";
import { KEY } from "./reference";

export const mistake: Mistake = {
  name: "the key is searched for in the header",
  instead: { authorises: (credentials) => credentials.includes(KEY) },
  fails: ["auth.key-part", "auth.login", "auth.first-colon"],
};
