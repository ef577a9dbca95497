import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "a repeated Create is refused since its own transaction holds the order",
  instead: { looksForIdFirst: false },
  fails: ["create.repeat", "create.same-at-once"],
};
