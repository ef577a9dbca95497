import type { Mistake } from "./mistake";
import { KEY } from "./reference";

export const mistake: Mistake = {
  name: "any login will do",
  instead: { authorises: (credentials) => credentials.slice(credentials.indexOf(":") + 1) === KEY },
  fails: ["auth.login"],
};
