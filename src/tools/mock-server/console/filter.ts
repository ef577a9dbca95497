import { type Html, html } from "../../../html/html";
import type { MockExchange } from "../../../testing/mock/exchange-log";
import type { MockReceipt } from "../../../testing/mock/mock-receipt";
import { FAULT_METHODS } from "./fault-presets";

const NAMES = ["method", "receipt", "order", "outcome"] as const;
const OUTCOMES = { "": "any outcome", ok: "ok", error: "an error" } as const;

/** What the console shows of calls and receipts: a part of a name or an id; `""`: all. */
export type Filter = Readonly<Record<(typeof NAMES)[number], string>>;

/** Returns the filter that an address names. */
export function filterOf(parameters: URLSearchParams): Filter {
  const of = (name: string) => (parameters.get(name) ?? "").trim().slice(0, 100);
  return { method: of("method"), receipt: of("receipt"), order: of("order"), outcome: of("outcome") };
}

/** Returns the address of the console with a filter. */
export function addressOf(filter: Partial<Filter>, more: Readonly<Record<string, string>> = {}): string {
  const set = Object.entries({ ...filter, ...more }).filter(([, value]) => value !== "");
  return set.length === 0 ? "/console" : `/console?${new URLSearchParams(set)}`;
}

/** A call with its number and the receipt that it is about. */
export interface Call {
  readonly exchange: MockExchange;
  readonly number: number;
  readonly receipt: MockReceipt | undefined;
}

/** Returns the calls, each tied to its receipt: the only one that it names, or the nearest in time with its account. */
export function callsOf(exchanges: readonly MockExchange[], receipts: readonly MockReceipt[]): Call[] {
  const byId = new Map(receipts.map((receipt) => [receipt._id, receipt]));
  return exchanges.map((exchange, index) => {
    const named = idsIn(exchange).filter((id) => byId.has(id));
    const receipt = named.length === 1 ? byId.get(named[0] ?? "") : undefined;
    return {
      exchange,
      number: index + 1,
      receipt: receipt ?? (named.length === 0 ? byAccount(exchange, receipts) : undefined),
    };
  });
}

const READ = new WeakMap<MockExchange, readonly string[]>();

/** The ids that a call names. It is read once: a mock keeps thousands of calls. */
function idsIn(exchange: MockExchange): readonly string[] {
  const { request, response } = exchange;
  const known = READ.get(exchange);
  const ids = known ?? [...new Set(JSON.stringify([request, response]).match(/\b[0-9a-f]{24}\b/g))];
  READ.set(exchange, ids);
  return ids;
}

/** CheckPerformTransaction names an account only, and comes before its receipt is made. */
function byAccount({ request, at }: MockExchange, receipts: readonly MockReceipt[]): MockReceipt | undefined {
  const account = accountIn(request);
  if (account === undefined) return undefined;
  const isOf = ({ name, value }: MockReceipt["account"][number]) => String(account.get(name)) === String(value);
  const distance = (receipt: MockReceipt) => Math.abs(receipt.create_time - at);
  return receipts
    .filter((receipt) => receipt.account.length > 0 && receipt.account.every(isOf))
    .reduce<MockReceipt | undefined>(
      (near, each) => (near && distance(near) <= distance(each) ? near : each),
      undefined,
    );
}

function accountIn(request: unknown): Map<string, unknown> | undefined {
  const account: unknown = Object(Object(request).params).account;
  return typeof account === "object" && account !== null ? new Map(Object.entries(account)) : undefined;
}

/** Returns the receipts that a filter lets through. */
export function receiptsIn(receipts: readonly MockReceipt[], { receipt, order }: Filter): MockReceipt[] {
  return receipts.filter(
    ({ _id, account }) =>
      _id.includes(receipt) && (order === "" || account.some(({ value }) => String(value ?? "").includes(order))),
  );
}

/** Returns the calls that a filter lets through. */
export function callsIn(calls: readonly Call[], filter: Filter): Call[] {
  return calls.filter(({ exchange, receipt }) => {
    const isOutcome = filter.outcome === "" || (filter.outcome === "ok") === (exchange.code === null);
    if (!isOutcome || !exchange.method.includes(filter.method)) return false;
    return (
      (filter.receipt === "" && filter.order === "") ||
      (receipt !== undefined && receiptsIn([receipt], filter).length > 0)
    );
  });
}

/** The form of the filter. It changes nothing, so it is a link. */
export function filterView(filter: Filter): Html {
  const field = (name: keyof Filter, list?: Html) =>
    html`<input name="${name}" value="${filter[name]}" placeholder="${name}" aria-label="${name}" maxlength="100" ${list}>`;
  const options = Object.entries(OUTCOMES).map(
    ([value, name]) =>
      html`<option value="${value}" ${value === filter.outcome ? html`selected` : undefined}>${name}</option>`,
  );
  const isSet = NAMES.some((name) => filter[name] !== "");
  return html`<form method="get" action="/console" id="filter" class="acts" role="search" aria-label="filter">
    ${field("method", html`list="methods"`)} ${field("receipt")} ${field("order")}
    <select name="outcome" aria-label="outcome">${options}</select>
    <button>Filter</button> ${isSet ? html`<a href="/console">show all</a>` : undefined}
    <datalist id="methods">${FAULT_METHODS.map((method) => html`<option value="${method}"></option>`)}</datalist></form>`;
}
