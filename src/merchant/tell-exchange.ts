import type { Logger } from "../kit/logger";
import { stackOf } from "../ledger";
import { type OnExchange, tellExchange as tell } from "../protocol/exchange";
import { redact } from "../protocol/redact";
import { errorOf } from "./answer";
import type { MethodResult } from "./context";
import type { GateResult } from "./gate";
import { Refusal } from "./refusal";

/** Tells `onExchange` of a call and its answer, redacted. What fails there goes to the log. */
export function tellExchange(
  onExchange: OnExchange | undefined,
  logger: Logger,
  admitted: GateResult,
  answer: MethodResult | Refusal,
  ms: number,
): void {
  if (onExchange === undefined) return;
  const isRefused = answer instanceof Refusal;
  const redacted = () => ({
    direction: "in" as const,
    method: "method" in admitted ? admitted.method : "",
    ms,
    code: isRefused ? answer.code : null,
    request: redact("params" in admitted ? admitted.params : null),
    response: redact(isRefused ? errorOf(answer) : "result" in answer ? answer.result : "[a statement]"),
  });
  tell(onExchange, redacted, (error) => logger.error("onExchange threw", { stack: stackOf(error) }));
}
