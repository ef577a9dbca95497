import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "messages are plain text",
  instead: { message: (text) => text },
  fails: ["answer.message"],
};
