/** Whether a call may be repeated: a read changes nothing at Payme, a write does. */
export type CallClass = "read" | "write";

/** Methods known to change something. A caller of `rpc` cannot call them reads: they would be repeated. */
const WRITES = new Set([
  "cards.create",
  "cards.get_verify_code",
  "cards.verify",
  "cards.remove",
  "receipts.create",
  "receipts.pay",
  "receipts.send",
  "receipts.cancel",
  "receipts.confirm_hold",
  "receipts.set_fiscal_data",
  "receipts.p2p",
]);
const SLOW = new Set(["receipts.pay", "receipts.confirm_hold", "receipts.cancel"]);
const READS = new Set(["cards.check", "receipts.check", "receipts.get", "receipts.get_all"]);
/** The methods of Payme's documentation. */
export const knownMethods: readonly string[] = /* @__PURE__ */ [...WRITES, ...READS];
/** Methods that make a receipt. After a lost answer its id is not known, so only a list can find it. */
const MAKES_RECEIPT = new Set(["receipts.create", "receipts.p2p"]);

const SLOW_TIMEOUT_MS = 60_000;
const TIMEOUT_MS = 30_000;

/** True for a method that changes something at Payme, according to its documentation. */
export function isKnownWrite(method: string): boolean {
  return WRITES.has(method);
}

/** True for a method that only reads, according to its documentation. */
export function isKnownRead(method: string): boolean {
  return READS.has(method);
}

/** How long a call may take. Calls that move money go through a bank's processing centre, and get longer. */
export function defaultTimeoutMs(method: string): number {
  return SLOW.has(method) ? SLOW_TIMEOUT_MS : TIMEOUT_MS;
}

/** The read that tells whether a write was carried out, after its answer was lost. */
export function settlingRead(method: string): string {
  if (MAKES_RECEIPT.has(method)) return "receipts.get_all";
  if (method.startsWith("cards.")) return "cards.check";
  return method === "receipts.set_fiscal_data" ? "receipts.get" : "receipts.check";
}
