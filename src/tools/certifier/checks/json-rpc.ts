import type { Check } from "../check";
import { expectCode, expectSame, fail, reached, told, warn } from "../expect";
import { isJsonObject } from "../json";
import { PAYME } from "../sources";
import { freshOrder } from "../stories/unconfirmed";

/** Names that objects of many languages have as it is: who looks methods up on an object runs them. */
const NO_METHODS = ["NoSuchMethod", "constructor", "__construct", "toString"];

/** How the endpoint reads requests. */
export const jsonRpcChecks: readonly Check[] = [
  {
    id: "json-rpc.parse-error",
    method: "*",
    rule: "a body that is no JSON is answered with error -32700",
    source: PAYME.errors,
    mend: "Catch the parser's error, answer HTTP 200 and -32700 with id null.",
    async run(run) {
      const answer = await run.call("CheckTransaction", {}, { rawBody: '{"method":"CheckTransaction","params":' });
      expectCode(answer, -32700);
      const { id } = isJsonObject(answer.body) ? answer.body : {};
      if (id !== undefined && id !== null) warn("id null", answer);
    },
  },
  {
    id: "json-rpc.unknown-method",
    method: "*",
    rule: "an unknown method is answered with error -32601, its name in data",
    source: PAYME.errors,
    mend: "Look methods up in a table of your own; never on a class or an object by a name from outside.",
    async run(run) {
      for (const name of NO_METHODS) {
        const answer = await run.call(name, {});
        expectCode(answer, -32601);
        if (answer.error?.data !== name) warn(`data: "${name}"`, answer, told(answer));
      }
    },
  },
  {
    id: "json-rpc.no-jsonrpc",
    method: "*",
    rule: "a request without `jsonrpc` is answered as one with it: the docs have none, the sandbox sends it",
    source: PAYME.request,
    mend: "Do not require `jsonrpc`.",
    async run(run) {
      const order = await freshOrder(run);
      const usually = await run.checkPerform(order);
      reached(usually);
      expectSame(usually, await run.call(usually.method, { ...order }, { withoutJsonrpc: true }));
    },
  },
  {
    id: "json-rpc.missing-params",
    method: "CheckTransaction",
    rule: "a call without its parameters is refused, not a system error",
    source: PAYME.errors,
    mend: "Check the parameters before you use them: -32600 where one is missing or of a wrong type.",
    async run(run) {
      const answer = await run.call("CheckTransaction", {});
      if (answer.error === undefined) fail("error -32600", answer);
      if (answer.error.code !== -32600) warn("error -32600", answer);
    },
  },
];
