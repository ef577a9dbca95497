import type { FaultKind, FaultRule } from "../../../testing/mock/faults";

/** The faults that the console offers. */
export const FAULT_PRESETS: readonly { key: string; name: string; fault: FaultKind & Pick<FaultRule, "delayMs"> }[] = [
  { key: "answer_lost", name: "answer lost (it was done)", fault: { kind: "drop_after" } },
  { key: "never_arrives", name: "never arrives", fault: { kind: "drop_before" } },
  { key: "late", name: "5 seconds late", fault: { kind: "delay", delayMs: 5_000 } },
  { key: "http_502", name: "HTTP 502", fault: { kind: "http_status", status: 502 } },
  {
    key: "system_error",
    name: "system error (-32400)",
    fault: { kind: "rpc_error", code: -32400, message: "Системная ошибка" },
  },
  { key: "no_json", name: "no JSON (it was done)", fault: { kind: "malformed" } },
  { key: "twice", name: "done twice", fault: { kind: "duplicate" } },
];

/** The methods that the console offers. Any other pattern can be typed. */
export const FAULT_METHODS: readonly string[] = [
  "*",
  "receipts.*",
  "receipts.create",
  "receipts.pay",
  "receipts.cancel",
  "receipts.check",
  "cards.*",
  "*Transaction",
  "CreateTransaction",
  "PerformTransaction",
  "CancelTransaction",
];

/** Returns a rule in a few words. */
export function wordsOf(rule: FaultRule): string {
  const preset = FAULT_PRESETS.find(({ fault }) => {
    return Object.entries(fault).every(([name, value]) => Reflect.get(rule, name) === value);
  });
  const only = [
    ["receipt", rule.id],
    ["amount", rule.amount],
    ["account", rule.account && JSON.stringify(rule.account)],
    ["call", rule.callNumber],
    ["probability", rule.probability],
  ].flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]));
  return [preset?.name ?? rule.kind.replace("_", " "), ...only].join(", ");
}
