import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "GET is left to the framework",
  instead: { answersGet: false },
  fails: ["http.get"],
};
