import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "any member of the object is a method",
  instead: { methodOf: (methods, name) => methods[name] },
  fails: ["json-rpc.unknown-method"],
};
