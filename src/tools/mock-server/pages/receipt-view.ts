import { type Html, html } from "../../../html/html";
import type { Language } from "../../../html/language";
import { TASHKENT_MS } from "../../../kit/calendar";
import { formatSom, tiyin } from "../../../kit/money";
import { ReceiptState } from "../../../protocol/states";
import type { MockReceipt } from "../../../testing/mock/mock-receipt";
import { texts } from "./texts";

/** The amount in the page's language. */
export function amountOf({ amount }: MockReceipt, language: Language): string {
  return `${formatSom(tiyin(amount))} ${texts.som[language]}`;
}

/** The merchant, the amount, and what is paid for: in words, else by the account. */
export function summaryOf(receipt: MockReceipt, language: Language): Html {
  const { words, fields } = subjectOf(receipt);
  return html`<header class="summary">
      <p class="merchant">${receipt.merchant.name}</p>
      <dl>
        <div><dt>${texts[receipt.state === ReceiptState.CREATED ? "amount" : "sum"][language]}</dt>
          <dd class="amount">${amountOf(receipt, language)}</dd></div>
        ${fields.map(({ name, value }) => rowOf(name, String(value ?? "")))}
      </dl>
      ${words === "" ? undefined : html`<p class="description">${words}</p>`}
    </header>`;
}

/** An id that only machines read. */
const MACHINE_ID = /^[\da-f-]{24,36}$/i;

/** A description may end with such an id from the account, as payme-kit's do: beside words, it tells a payer nothing. */
function subjectOf({ description, account }: MockReceipt): { words: string; fields: MockReceipt["account"] } {
  const id = account.find(({ value }) => MACHINE_ID.test(String(value)) && description.endsWith(String(value)));
  if (id === undefined) return { words: description, fields: account };
  const words = description.slice(0, -String(id.value).length).trim();
  return { words, fields: words === "" ? account : account.filter((field) => field !== id) };
}

/** The facts of a payment. */
export function paymentOf(receipt: MockReceipt, language: Language): Html {
  const card = receipt.card?.number;
  return html`<dl class="payment">
      ${typeof card === "string" ? rowOf(texts.card[language], card) : undefined}
      ${receipt.pay_time > 0 ? rowOf(texts.paidAt[language], timeOf(receipt.pay_time)) : undefined}
      ${rowOf(texts.receipt[language], receipt._id)}
    </dl>`;
}

function rowOf(name: string, value: string): Html {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

/** `15.01.2026 15:30`, in Tashkent's time. */
function timeOf(at: number): string {
  const [date = "", time = ""] = new Date(at + TASHKENT_MS).toISOString().split("T");
  return `${date.split("-").reverse().join(".")} ${time.slice(0, 5)}`;
}
