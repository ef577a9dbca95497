import { type Html, html } from "../html/html";
import type { PaymentRow, TransactionRow } from "../ledger";
import type { SubscriptionRow } from "../subscriptions/rows";
import { type AdminParts, listed, momentOf, moneyOf, shown, tag, type View } from "./view";

const PAGE = 25;
/** Longer than any id. */
const LONGEST = 200;

/** Finds by one text: at most three queries. */
export async function searchPage(view: View, parts: AdminParts, parameters: URLSearchParams): Promise<Html> {
  const { t } = view;
  const text = (parameters.get("q") ?? "").trim().slice(0, LONGEST);
  return html`<h1>${t("search")}</h1>
<form method="get" role="search">
<input type="hidden" name="lang" value="${view.language}">
<label>${t("searchFor")}<input name="q" value="${shown(text)}" maxlength="${LONGEST}" autocomplete="off" required></label>
<div class="acts"><button>${t("find")}</button></div>
</form>
${text === "" ? undefined : await found(view, parts, text)}`;
}

async function found(view: View, { payments, subscriptions }: AdminParts, text: string): Promise<Html | undefined> {
  const { storage, scope } = payments.books;
  const subscriptionsOf = async () =>
    listed(view, "subscriptions", (await subscriptions?.list({ owner: text })) ?? [], subscriptionLine);
  const rows = await storage.searchPayments(scope, { text, limit: PAGE });
  if (rows.length > 0) {
    const isOwner = rows.some(({ userId }) => userId === text);
    return html`${listed(view, "payments", rows, paymentLine)}${isOwner ? await subscriptionsOf() : undefined}`;
  }
  const [transaction] = await storage.findTransactions(scope, [text]);
  if (transaction === undefined) return (await subscriptionsOf()) ?? html`<p>${view.t("none")}</p>`;
  // The id of a payment, or the shop's own reference.
  const payment = await storage.findPayment(scope, { id: transaction.reference });
  return payment ? listed(view, "payments", [payment], paymentLine) : listed(view, "order", [transaction], orderLine);
}

function orderLine({ link }: View, { reference, paymeId }: TransactionRow): Html {
  return html`<li><a href="${link({ page: "payment", payme: paymeId })}">${shown(reference)}</a></li>`;
}

/** A payment with a link to its page. */
export function paymentLine(view: View, row: PaymentRow): Html {
  return html`<li><a href="${view.link({ page: "payment", id: row.id })}"><code>${row.id}</code></a>
${statusOf(view, row)} ${moneyOf(view, row.amount)} <span>${shown(row.reference ?? "")}</span> <span>${shown(row.userId)}</span> ${momentOf(row.createdAt)}</li>`;
}

function subscriptionLine(view: View, row: SubscriptionRow): Html {
  return html`<li><a href="${view.link({ page: "payment", subscription: row.id })}">${shown(row.plan)}</a> ${subscriptionState(row)} ${moneyOf(view, row.amount)}</li>`;
}

export function subscriptionState({ state }: SubscriptionRow): Html {
  return tag(state === "ACTIVE" ? "good" : "work", state);
}

/** The status of a payment, and of its refund. */
export function statusOf({ t }: View, { status, refund, cancelRequestedAt, held }: PaymentRow): Html {
  const kind = ({ PENDING: "work", PAID: "good", CANCELLED: "bad", FAILED: "bad" } as const)[status];
  const back = status === "PAID" && cancelRequestedAt !== null ? "wished" : refund;
  return html`${tag(kind, t(status))} ${held ? tag("work", t("held")) : undefined} ${
    back === "none" ? undefined : tag(back === "done" ? "good" : "work", t(back))
  }`;
}
