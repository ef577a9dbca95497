import { checksOf } from "../check";
import { expectCode, expectResult, fail, inShort, reached, warn } from "../expect";
import { isJsonObject } from "../json";
import { PAYME } from "../sources";
import { freshOrder } from "../stories/sandbox";
import { unknownMethods } from "../stories/unknown-methods";
import { NO_JSON } from "./common";

/** The checks of JSON-RPC. */
export const jsonRpcChecks = checksOf("*", [
  {
    id: "json-rpc.parse-error",
    rule: "a body that is not JSON gets error -32700",
    source: PAYME.errors,
    mend: "Catch the parser's error; answer HTTP 200 and -32700 with id null.",
    async run(run) {
      const answer = await run.call("CheckTransaction", {}, { rawBody: NO_JSON });
      expectCode(answer, -32700);
      const { id } = isJsonObject(answer.body) ? answer.body : {};
      if (id !== undefined && id !== null) warn("id null", answer);
    },
  },
  {
    id: "json-rpc.unknown-method",
    rule: "an unknown method gets error -32601, with its name in data",
    source: PAYME.errors,
    mend: "Look up methods in your own table, never on a class or an object by the caller's name; answer what is not there, too.",
    async run(run) {
      for (const answer of await unknownMethods(run)) {
        expectCode(answer, -32601);
        if (answer.error?.data !== answer.method) warn(`data: "${answer.method}"`, answer, inShort(answer));
      }
    },
  },
  {
    id: "json-rpc.no-jsonrpc",
    rule: "a request without `jsonrpc` gets the same answer: the docs omit it, the sandbox sends it",
    source: PAYME.request,
    mend: "Do not require `jsonrpc`.",
    async run(run) {
      const order = await freshOrder(run);
      const usually = await run.checkPerform(order);
      // Members beside it, such as a queue number, may change from call to call.
      const { allow } = reached(usually);
      expectResult(await run.call(usually.method, { ...order }, { withoutJsonrpc: true }), { allow });
    },
  },
  {
    id: "json-rpc.missing-params",
    method: "CheckTransaction",
    rule: "a call without its parameters is refused, without a system error",
    source: PAYME.errors,
    mend: "Check the parameters first: answer -32600 for a missing one or a wrong type.",
    async run(run) {
      const answer = await run.call("CheckTransaction", {});
      if (answer.error === undefined) fail("error -32600", answer);
      if (answer.error.code !== -32600) warn("error -32600", answer);
    },
  },
]);
