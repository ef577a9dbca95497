import { type Html, html } from "../html/html";
import type { PaymentRow } from "../ledger";
import type { SubscriptionRow } from "../subscriptions/rows";
import { type AdminParts, momentOf, moneyOf, section, shown, tag, type View } from "./view";

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

async function found(view: View, { payments, subscriptions }: AdminParts, text: string): Promise<Html> {
  const { t, link } = view;
  const { storage, scope } = payments.books;
  const rows = await storage.searchPayments(scope, { text, limit: PAGE });
  if (rows.length > 0) {
    const owned = rows.some(({ userId }) => userId === text) ? await subscriptions?.list({ owner: text }) : [];
    return html`${paymentList(view, rows)}${subscriptionList(view, owned ?? [])}`;
  }
  const [transaction] = await storage.findTransactions(scope, [text]);
  if (transaction === undefined) {
    const owned = (await subscriptions?.list({ owner: text })) ?? [];
    return owned.length > 0 ? html`${subscriptionList(view, owned)}` : html`<p>${t("none")}</p>`;
  }
  // The id of a payment, or the shop's own reference.
  const payment = await storage.findPayment(scope, { id: transaction.reference });
  if (payment !== undefined) return paymentList(view, [payment]);
  return section(
    t("order"),
    html`<p><a href="${link({ page: "payment", payme: transaction.paymeId })}">${shown(transaction.reference)}</a></p>`,
  );
}

/** Payments, each with a link to its page. */
export function paymentList(view: View, rows: readonly PaymentRow[]): Html {
  const { t, link } = view;
  const lines = rows.map(
    (row) => html`<li><a href="${link({ page: "payment", id: row.id })}"><code>${row.id}</code></a>
${statusOf(view, row)} ${moneyOf(view, row.amount)} <span>${shown(row.reference ?? "")}</span> <span>${shown(row.userId)}</span> ${momentOf(row.createdAt)}</li>`,
  );
  return section(t("payments"), html`<ul class="list">${lines}</ul>`);
}

function subscriptionList(view: View, rows: readonly SubscriptionRow[]): Html | undefined {
  if (rows.length === 0) return undefined;
  const { t, link } = view;
  const lines = rows.map(
    ({ id, plan, state, amount }) =>
      html`<li><a href="${link({ page: "payment", subscription: id })}">${shown(plan)}</a> ${tag(state === "ACTIVE" ? "good" : "work", state)} ${moneyOf(view, amount)}</li>`,
  );
  return section(t("subscriptions"), html`<ul class="list">${lines}</ul>`);
}

/** The status of a payment, and of its refund. */
export function statusOf({ t }: View, { status, refund, cancelRequestedAt, held }: PaymentRow): Html {
  const kind = ({ PENDING: "work", PAID: "good", CANCELLED: "bad", FAILED: "bad" } as const)[status];
  const isWished = status === "PAID" && cancelRequestedAt !== null;
  return html`${tag(kind, t(status))} ${held ? tag("work", t("held")) : undefined} ${
    isWished || refund !== "none"
      ? tag(refund === "done" ? "good" : "work", t(isWished ? "wished" : refund))
      : undefined
  }`;
}
