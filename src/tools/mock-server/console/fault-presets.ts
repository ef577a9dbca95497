import type { FaultKind, FaultRule } from "../../../testing/mock/faults";

/** A fault that a person switches on with a click. */
export interface FaultPreset {
  readonly key: string;
  readonly name: string;
  readonly fault: FaultKind & Pick<FaultRule, "delayMs">;
}

/** The common ones. */
export const FAULT_PRESETS: readonly FaultPreset[] = [
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

/** What the list of methods offers; any other pattern can be typed. */
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

/** A rule in a few words. */
export function wordsOf(rule: FaultRule): string {
  const preset = FAULT_PRESETS.find(({ fault }) => {
    return Object.entries(fault).every(([name, value]) => Reflect.get(rule, name) === value);
  });
  const only = [
    rule.id === undefined ? undefined : `receipt ${rule.id}`,
    rule.amount === undefined ? undefined : `amount ${rule.amount}`,
    rule.account === undefined ? undefined : `account ${JSON.stringify(rule.account)}`,
    rule.callNumber === undefined ? undefined : `call ${rule.callNumber}`,
    rule.probability === undefined ? undefined : `probability ${rule.probability}`,
  ].filter((part) => part !== undefined);
  return [preset?.name ?? rule.kind.replace("_", " "), ...only].join(", ");
}
