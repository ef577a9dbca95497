import { isThenable } from "../kit/eventual";
import type { Logger } from "../kit/logger";
import { stackOf } from "../ledger";
import type { OnExchange } from "../protocol/exchange";
import { redact } from "../protocol/redact";
import { errorOf } from "./answer";
import type { MethodResult } from "./context";
import type { GateResult } from "./gate";
import { Refusal } from "./refusal";

/** Tells whoever listens what was asked and answered, redacted; what goes wrong there goes to the log. */
export function tellExchange(
  onExchange: OnExchange | undefined,
  logger: Logger,
  admitted: GateResult,
  answer: MethodResult | Refusal,
  ms: number,
): void {
  if (onExchange === undefined) return;
  const complain = (error: unknown) => logger.error("onExchange threw", { stack: stackOf(error) });
  const isRefused = answer instanceof Refusal;
  try {
    const returned: unknown = onExchange({
      direction: "in",
      method: "method" in admitted ? admitted.method : "",
      ms,
      code: isRefused ? answer.code : null,
      request: redact("params" in admitted ? admitted.params : null),
      response: redact(isRefused ? errorOf(answer) : "result" in answer ? answer.result : "[a statement]"),
    });
    // An async function fits the type too; its rejection would end the process.
    if (isThenable(returned)) returned.then(undefined, complain);
  } catch (error) {
    complain(error);
  }
}
