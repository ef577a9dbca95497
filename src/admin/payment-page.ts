import { type Html, html, safeLink } from "../html/html";
import { type PaymentRow, SUBSCRIPTION_KIND, type TransactionRow } from "../ledger";
import { type ToldStory, tellStory } from "../payments/story";
import { redact } from "../protocol/redact";
import { paymentList, statusOf } from "./search-page";
import {
  type Action,
  type AdminParts,
  actionForm,
  facts,
  field,
  momentOf,
  moneyOf,
  section,
  shown,
  tag,
  type View,
} from "./view";

/** A payment, an order of the shop's own, or a subscription. At most three queries. Undefined: there is none. */
export async function paymentPage(view: View, parts: AdminParts, asked: URLSearchParams): Promise<Html | undefined> {
  const { storage, scope } = parts.payments.books;
  const [id, paymeId, subscription] = ["id", "payme", "subscription"].map((name) => asked.get(name) ?? "");
  if (subscription) return subscriptionView(view, parts, subscription);
  if (paymeId && !id) {
    const [row] = await storage.findTransactions(scope, [paymeId]);
    const told = await tellStory(storage, scope, { subject: row?.reference, paymeId });
    return told && html`<h1>${view.t("order")} ${shown(row?.reference ?? paymeId)}</h1>${storyView(view, told)}`;
  }
  const payment = id ? await storage.findPayment(scope, { id }) : undefined;
  const told = await tellStory(storage, scope, payment ? { payment } : { subject: id, paymeId });
  if (told === undefined) return undefined;
  // A reference of the shop's own.
  if (payment === undefined) return html`<h1>${view.t("order")} ${shown(id ?? "")}</h1>${storyView(view, told)}`;
  return html`<h1>${view.t("payment")} <code>${payment.id}</code></h1>
${factsOf(view, payment)}
${section(view.t("actions"), actionsOf(view, parts, payment) ?? html`<p>${view.t("noActions")}</p>`)}
${storyView(view, told)}`;
}

function factsOf(view: View, payment: PaymentRow): Html {
  const { t, link } = view;
  const { reference, userId, kind, paidAmount, paidAt, paidBy, transactionId, nextCheckAt, errorCode } = payment;
  const { description, errorMessage, refundedAt, cancelledAt } = payment;
  const subscription = kind === SUBSCRIPTION_KIND ? /^sub:([^:]+):/.exec(reference ?? "")?.[1] : undefined;
  return facts([
    [t("status"), statusOf(view, payment)],
    [t("amount"), moneyOf(view, payment.amount)],
    [t("paidAmount"), paidAmount === null ? undefined : moneyOf(view, paidAmount)],
    [t("order"), shown(reference ?? "")],
    [
      t("subscription"),
      subscription && html`<a href="${link({ page: "payment", subscription })}"><code>${subscription}</code></a>`,
    ],
    [t("user"), shown(userId)],
    [t("kind"), kind],
    [t("description"), shown(description ?? "")],
    ["Payme", paidBy ?? transactionId ?? ""],
    [t("by"), payment.paidSource ?? ""],
    [t("created"), momentOf(payment.createdAt)],
    [t("paidAt"), paidAt === null ? undefined : momentOf(paidAt)],
    [t("CANCELLED"), cancelledAt === null ? undefined : momentOf(cancelledAt)],
    [t("refunded"), refundedAt === null ? undefined : momentOf(refundedAt)],
    [t("nextLook"), nextCheckAt === null ? undefined : momentOf(nextCheckAt)],
    [t("error"), shown([errorCode, errorMessage].filter(Boolean).join(" "))],
  ]);
}

/** The buttons of what can be done now. */
function actionsOf(view: View, { payments }: AdminParts, payment: PaymentRow): Html | undefined {
  const { t } = view;
  const { status, paidSource, refund, cancelRequestedAt, nextCheckAt } = payment;
  const hidden = { id: payment.id };
  const hasClient = payments.books.client !== undefined;
  const isPaid = status === "PAID" && cancelRequestedAt === null;
  const isRefundable = hasClient && (isPaid || refund === "refused" || refund === "stuck");
  const asks: Action[] = [
    ...(hasClient && nextCheckAt !== null ? (["check"] as const) : []),
    ...(status === "PENDING" && cancelRequestedAt === null ? (["cancel"] as const) : []),
  ];
  const forms = [
    payment.unfulfilled && isPaid ? html`<p class="bad">${t("unfulfilled")}</p>` : undefined,
    asks.length > 0 ? actionForm(view, asks, hidden) : undefined,
    isRefundable && paidSource !== "merchant"
      ? actionForm(view, ["refund"], hidden, field("amount", t("typeAmount"), 'required inputmode="decimal"'))
      : undefined,
    isPaid && paidSource === "merchant" ? html`<p>${t("merchantRefund")}</p>` : undefined,
  ].filter((form) => form !== undefined);
  return forms.length > 0 ? html`${forms}` : undefined;
}

function storyView(view: View, { story, transactions, events }: ToldStory): Html {
  const { t } = view;
  const entries = story.entries.map(
    ({ at, who, what, verdict, money, paymeId }) => html`<li data-who="${who}">${momentOf(at)} <b>${what}</b>
<span>${shown(verdict)}</span> ${money === undefined ? undefined : moneyOf(view, money)} <code>${paymeId ?? ""}</code></li>`,
  );
  const open = events.filter(({ kind, resolvedAt }) => resolvedAt === null && story.open.some((each) => each === kind));
  const incidents = open.map(
    ({ id, kind }) => html`<li><a href="${view.link({ page: "waiting" })}#incident-${id}">${tag("bad", kind)}</a></li>`,
  );
  return html`${incidents.length > 0 ? section(t("incidents"), html`<ul class="list">${incidents}</ul>`) : undefined}
${section(t("story"), html`<ol class="list story">${entries}</ol>`)}
${transactions.length > 0 ? section(t("transactions"), html`<ul class="list">${transactions.map((row) => transactionView(view, row))}</ul>`) : undefined}
${fiscalView(view, transactions)}`;
}

function transactionView(view: View, { paymeId, source, state, amount, reason, time }: TransactionRow): Html {
  const kind = state === 2 ? "good" : state === 1 ? "work" : "bad";
  return html`<li><code>${paymeId}</code> ${tag(kind, `${source} ${state}`)} ${moneyOf(view, amount)} ${momentOf(time)} ${reason === null ? undefined : html`<span>${reason}</span>`}</li>`;
}

/** What Payme sent of the fiscal receipts: any members, so all are shown. */
function fiscalView({ t }: View, transactions: readonly TransactionRow[]): Html | undefined {
  const receipts = transactions.flatMap(({ fiscalPerform, fiscalCancel }) => [
    ...(fiscalPerform ? [[t("fiscalSale"), fiscalPerform] as const] : []),
    ...(fiscalCancel ? [[t("fiscalReturn"), fiscalCancel] as const] : []),
  ]);
  if (receipts.length === 0) return undefined;
  const views = receipts.map(([title, receipt]) => {
    const rows = Object.entries(receipt).map(([name, value]) => [shown(name), fiscalValue(name, value)] as const);
    return html`<h3>${title}</h3>${facts(rows)}`;
  });
  return section(t("fiscal"), ...views);
}

function fiscalValue(name: string, value: unknown): string | Html {
  const link = name === "qr_code_url" && typeof value === "string" ? safeLink(value) : undefined;
  if (link !== undefined) return html`<a href="${link}" rel="noreferrer noopener">${shown(link)}</a>`;
  const clean = redact({ [name]: value });
  const member: unknown = Object.values(Object(clean))[0];
  return shown(typeof member === "string" ? member : (JSON.stringify(member) ?? ""));
}

/** A subscription with its payments and its story. */
async function subscriptionView(
  view: View,
  { payments, subscriptions }: AdminParts,
  id: string,
): Promise<Html | undefined> {
  const { t } = view;
  const { storage, scope } = payments.books;
  const row = await subscriptions?.find(id);
  if (row === undefined || row.cashbox !== scope.cashbox || row.mode !== scope.mode) return undefined;
  const paid = await storage.searchPayments(scope, { text: row.owner, limit: 200 });
  const events = await storage.listEvents(scope, { subject: id, limit: 200 });
  const told = events.map(({ at, kind }) => html`<li>${momentOf(at)} <b>${kind}</b></li>`);
  return html`<h1>${t("subscription")} <code>${id}</code></h1>
${facts([
  [t("status"), tag(row.state === "ACTIVE" ? "good" : "work", row.state)],
  [t("plan"), shown(row.plan)],
  [t("amount"), moneyOf(view, row.amount)],
  [t("user"), shown(row.owner)],
  [t("period"), String(row.number)],
  [t("until"), momentOf(row.accessUntil)],
  [t("charged"), row.nextAt === null ? undefined : momentOf(row.nextAt)],
])}
${paymentList(
  view,
  paid.filter(({ reference }) => reference?.startsWith(`sub:${id}:`)),
)}
${section(t("story"), html`<ol class="list story">${told}</ol>`)}`;
}
