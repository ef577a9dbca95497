import { AsyncLocalStorage } from "node:async_hooks";
import { randomId } from "./clock";

const traces = /* @__PURE__ */ new AsyncLocalStorage<string>();

/** The id of the call in whose work this runs; undefined outside one, and where nobody listens. */
export function currentTrace(): string | undefined {
  return traces.getStore();
}

/** Runs work under one id, from the request to the commit: the outer one where there is one. Only where somebody listens. */
export function traced<R>(hasListener: boolean, work: () => R): R {
  return hasListener && traces.getStore() === undefined ? traces.run(randomId(), work) : work();
}
