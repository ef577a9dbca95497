import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "fiscal data of an unknown receipt are a page",
  instead: { unknownReceiptCode: undefined },
  fails: ["fiscal.unknown", "http.status"],
};
