import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "a wrong key is answered with HTTP 401",
  instead: { httpStatus: (code) => (code === -32504 ? 401 : 200) },
  fails: ["http.status"],
};
