import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "a body of text/json is not parsed",
  instead: { reads: (contentType) => contentType.startsWith("application/json") },
  fails: ["http.content-type"],
};
