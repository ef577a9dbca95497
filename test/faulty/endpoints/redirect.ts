import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "the address redirects",
  instead: { redirects: true },
  fails: ["http.answers"],
};
