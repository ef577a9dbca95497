import { type Html, html, safeLink } from "../html/html";
import { type EventRow, type PaymentRow, SUBSCRIPTION_KIND, type TransactionRow } from "../ledger";
import { deniedReceipt } from "../payments/follow-stray";
import { type StoryEntry, type ToldStory, tellStory } from "../payments/story";
import { redact } from "../protocol/redact";
import { paymentLine, statusOf, subscriptionState } from "./search-page";
import {
  type AdminParts,
  actionForm,
  facts,
  listed,
  momentOf,
  moneyOf,
  REFUND_INCIDENTS,
  section,
  shown,
  tag,
  type View,
} from "./view";
import { eventIn } from "./words";

/** A payment, an order of the shop's own, or a subscription. At most three queries. Undefined: there is none. */
export async function paymentPage(view: View, parts: AdminParts, asked: URLSearchParams): Promise<Html | undefined> {
  const { t } = view;
  const { storage, scope } = parts.payments.books;
  const of = (name: string) => asked.get(name) ?? "";
  const [id, paymeId, subscription] = [of("id"), of("payme"), of("subscription")];
  if (subscription) return subscriptionView(view, parts, subscription);
  const payment = id ? await storage.findPayment(scope, { id }) : undefined;
  const [row] = paymeId && !id ? await storage.findTransactions(scope, [paymeId]) : [];
  const subject = id || row?.reference;
  const told = await tellStory(storage, scope, payment ? { payment } : { subject, paymeId });
  if (told === undefined) return undefined;
  // A reference of the shop's own.
  if (payment === undefined) return html`<h1>${t("order")} ${shown(subject ?? paymeId)}</h1>${storyView(view, told)}`;
  const mayBeDenied = payment.refund === "done" && told.story.open.some((kind) => REFUND_INCIDENTS.includes(kind));
  const isDenied = mayBeDenied && (await deniedReceipt(parts.payments.books, payment)) !== null;
  return html`<h1>${t("payment")} <code>${payment.id}</code></h1>
${factsOf(view, payment)}
${section(t("actions"), actionsOf(view, parts, payment, isDenied))}
${storyView(view, told)}`;
}

function factsOf(view: View, payment: PaymentRow): Html {
  const { t, link } = view;
  const { reference, kind, paidAmount, paidBy, transactionId, errorCode, errorMessage } = payment;
  const subscription = kind === SUBSCRIPTION_KIND ? /^sub:([^:]+):/.exec(reference ?? "")?.[1] : undefined;
  const toSubscription = { page: "payment", subscription: subscription ?? "" };
  return facts([
    [t("status"), statusOf(view, payment)],
    [t("amount"), moneyOf(view, payment.amount)],
    [t("paidAmount"), paidAmount === null ? undefined : moneyOf(view, paidAmount)],
    [t("order"), shown(reference ?? "")],
    [t("subscription"), subscription && html`<a href="${link(toSubscription)}"><code>${subscription}</code></a>`],
    [t("user"), shown(payment.userId)],
    [t("kind"), kind],
    [t("description"), shown(payment.description ?? "")],
    ["Payme", paidBy ?? transactionId ?? ""],
    [t("by"), payment.paidSource ?? ""],
    [t("created"), momentOf(payment.createdAt)],
    [t("paidAt"), momentOf(payment.paidAt)],
    [t("CANCELLED"), momentOf(payment.cancelledAt)],
    [t("refunded"), momentOf(payment.refundedAt)],
    [t("nextLook"), momentOf(payment.nextCheckAt)],
    [t("error"), shown([errorCode, errorMessage].filter(Boolean).join(" "))],
  ]);
}

/** The buttons of what can be done now. `isDenied`: the books say that the money is back, and a person is told that it is not. */
function actionsOf(view: View, { payments }: AdminParts, payment: PaymentRow, isDenied: boolean): Html {
  const { t } = view;
  const { id, status, paidSource, refund, cancelRequestedAt, nextCheckAt, unfulfilled } = payment;
  const hasClient = payments.books.client !== undefined;
  const isWished = cancelRequestedAt !== null;
  const isPaid = status === "PAID" && !isWished;
  const isRefused = refund === "refused" || refund === "stuck";
  const isRefundable = hasClient && (isDenied || (paidSource !== "merchant" && (isPaid || isRefused)));
  const can = { check: hasClient && nextCheckAt !== null, cancel: status === "PENDING" && !isWished };
  const asks = (["check", "cancel"] as const).filter((action) => can[action]);
  const amount = ["amount", "typeAmount", 'required inputmode="decimal"'] as const;
  const forms = [
    isPaid && unfulfilled ? html`<p class="bad">${t("unfulfilled")}</p>` : undefined,
    actionForm(view, asks, { id }),
    isRefundable ? actionForm(view, ["refund"], { id }, amount) : undefined,
    isPaid && paidSource === "merchant" ? html`<p>${t("merchantRefund")}</p>` : undefined,
  ].filter((form) => form !== undefined);
  return forms.length > 0 ? html`${forms}` : html`<p>${t("noActions")}</p>`;
}

function storyView(view: View, { story, transactions, events }: ToldStory): Html {
  const open = events.filter(({ kind, resolvedAt }) => resolvedAt === null && story.open.some((each) => each === kind));
  return html`${listed(view, "incidents", open, incidentLine)}
${section(view.t("story"), html`<ol class="list story">${story.entries.map((entry) => entryLine(view, entry))}</ol>`)}
${listed(view, "transactions", transactions, transactionLine)}
${fiscalView(view, transactions)}`;
}

function incidentLine({ link }: View, { id, kind }: EventRow): Html {
  return html`<li><a href="${link({ page: "waiting" })}#incident-${id}">${tag("bad", kind)}</a></li>`;
}

function entryLine(view: View, { at, who, what, verdict, money, paymeId }: StoryEntry): Html {
  return html`<li data-who="${who}">${momentOf(at)} <b>${eventIn(view.language, what)}</b>
<span lang="en">${shown(verdict)}</span> ${money && moneyOf(view, money)} <code>${paymeId ?? ""}</code></li>`;
}

function transactionLine(view: View, { paymeId, source, state, amount, reason, time }: TransactionRow): Html {
  const kind = state === 2 ? "good" : state === 1 ? "work" : "bad";
  return html`<li><code>${paymeId}</code> ${tag(kind, `${source} ${state}`)} ${moneyOf(view, amount)} ${momentOf(time)} ${reason === null ? undefined : html`<span>${reason}</span>`}</li>`;
}

/** What Payme sent of the fiscal receipts: any members, so all are shown. */
function fiscalView({ t }: View, transactions: readonly TransactionRow[]): Html | undefined {
  const viewOf = (title: "fiscalSale" | "fiscalReturn", receipt: object | null) => {
    if (receipt === null) return [];
    const rows = Object.entries(receipt).map(([name, value]) => [shown(name), fiscalValue(name, value)] as const);
    return [html`<h3>${t(title)}</h3>${facts(rows)}`];
  };
  const views = transactions.flatMap(({ fiscalPerform, fiscalCancel }) => [
    ...viewOf("fiscalSale", fiscalPerform),
    ...viewOf("fiscalReturn", fiscalCancel),
  ]);
  return views.length === 0 ? undefined : section(t("fiscal"), views);
}

function fiscalValue(name: string, value: unknown): string | Html {
  const link = name === "qr_code_url" && typeof value === "string" ? safeLink(value) : undefined;
  if (link !== undefined) return html`<a href="${link}" rel="noreferrer noopener">${shown(link)}</a>`;
  const clean = redact({ [name]: value });
  const member: unknown = Object.values(Object(clean))[0];
  return shown(typeof member === "string" ? member : (JSON.stringify(member) ?? ""));
}

/** A subscription with its payments and its story. */
async function subscriptionView(view: View, parts: AdminParts, id: string): Promise<Html | undefined> {
  const { t, language } = view;
  const { storage, scope } = parts.payments.books;
  const row = await parts.subscriptions?.find(id);
  if (row === undefined || row.cashbox !== scope.cashbox || row.mode !== scope.mode) return undefined;
  const ofOwner = await storage.searchPayments(scope, { text: row.owner, limit: 200 });
  const paid = ofOwner.filter(({ reference }) => reference?.startsWith(`sub:${id}:`));
  const events = await storage.listEvents(scope, { subject: id, limit: 200 });
  const told = events.map(({ at, kind }) => html`<li>${momentOf(at)} <b>${eventIn(language, kind)}</b></li>`);
  return html`<h1>${t("subscription")} <code>${id}</code></h1>
${facts([
  [t("status"), subscriptionState(row)],
  [t("plan"), shown(row.plan)],
  [t("amount"), moneyOf(view, row.amount)],
  [t("user"), shown(row.owner)],
  [t("period"), String(row.number)],
  [t("until"), momentOf(row.accessUntil)],
  [t("charged"), momentOf(row.nextAt)],
])}
${listed(view, "payments", paid, paymentLine)}
${section(t("story"), html`<ol class="list story">${told}</ol>`)}`;
}
