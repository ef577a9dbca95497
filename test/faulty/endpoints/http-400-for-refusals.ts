import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "refusals are answered with HTTP 400",
  instead: { httpStatus: (code) => (code === undefined ? 200 : 400) },
  fails: ["http.status", "http.get"],
};
