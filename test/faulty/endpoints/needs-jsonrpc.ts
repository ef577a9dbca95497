import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "requests without jsonrpc are refused",
  instead: { needsJsonrpc: true },
  fails: ["json-rpc.no-jsonrpc"],
};
