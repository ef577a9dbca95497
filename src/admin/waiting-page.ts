import { type Html, html } from "../html/html";
import { type EventRow, incidentKinds, isIncidentKind } from "../ledger";
import type { Message } from "../outbox/message";
import { type Action, type AdminParts, actionForm, field, momentOf, section, shown, tag, type View } from "./view";
import { remedyIn } from "./words";

const PAGE = 50;
const REFUNDS = ["refund_stuck", "refund_refused"];
/** Those whose money a person may accept. */
const MONEY = ["paid_after_cancel", "amount_mismatch", "unknown_transaction"];

/** What waits for a person, oldest first: two queries. */
export async function waitingPage(view: View, parts: AdminParts, asked: URLSearchParams): Promise<Html> {
  const { t, link } = view;
  const { storage, scope } = parts.payments.books;
  const after = Number(asked.get("after")) || 0;
  const open = await storage.listEvents(scope, { kinds: incidentKinds, open: true, after, limit: PAGE });
  const parked = (await parts.outbox?.parked({ limit: PAGE })) ?? [];
  // A parked message is listed with its button.
  const incidents = open.filter(({ kind }) => kind !== "message_parked" || parts.outbox === undefined);
  const list = (rows: readonly EventRow[]) => html`<ul class="list">${rows.map((row) => incidentView(view, row))}</ul>`;
  const [refunds, others] = [true, false].map((isRefund) =>
    incidents.filter(({ kind }) => REFUNDS.includes(kind) === isRefund),
  );
  const last = open.length === PAGE ? open.at(-1) : undefined;
  return html`<h1>${t("waiting")}</h1>
${incidents.length + parked.length === 0 ? html`<p>${t("nothingWaits")}</p>` : undefined}
${others?.length ? section(t("incidents"), list(others)) : undefined}
${refunds?.length ? section(t("refunds"), list(refunds)) : undefined}
${parked.length > 0 ? section(t("parked"), html`<ul class="list">${parked.map((row) => messageView(view, row))}</ul>`) : undefined}
${last === undefined ? undefined : html`<p><a href="${link({ page: "waiting", after: String(last.id) })}">${t("more")}</a></p>`}
${parts.merchant === undefined ? undefined : sweepView(view)}`;
}

function incidentView(view: View, { id, kind, subject, paymeId, at, data }: EventRow): Html {
  const { t, link } = view;
  const isUnknown = kind === "unknown_transaction";
  const isRefused = Object(data).money === "refused";
  const actions: Action[] = [...(MONEY.includes(kind) && !isRefused ? (["accept"] as const) : []), "resolve"];
  const fields = [...(isUnknown ? [field("payment", t("forPayment"))] : []), field("note", t("note"), "required")];
  const page =
    subject === paymeId ? { page: "search", q: subject } : { page: "payment", id: subject, payme: paymeId ?? "" };
  // A reference of the shop's own may be a phone: it is in no address.
  const about = shown(subject) === subject ? html`<a href="${link(page)}">${subject}</a>` : shown(subject);
  return html`<li id="incident-${id}">${tag("bad", kind)} ${momentOf(at)} ${about} <code>${subject === paymeId ? "" : (paymeId ?? "")}</code>
<p>${isIncidentKind(kind) ? remedyIn(view.language, kind) : ""}</p>
${actionForm(view, actions, { incident: String(id) }, ...fields)}</li>`;
}

function messageView(view: View, { id, kind, subject, at, attempt }: Message): Html {
  return html`<li id="message-${id}">${tag("bad", shown(kind))} ${momentOf(at)} <span>${shown(subject)}</span> <span>${view.t("attempts")}: ${attempt}</span>
<p>${remedyIn(view.language, "message_parked")}</p>
${actionForm(view, ["requeue"], { message: String(id) })}</li>`;
}

function sweepView(view: View): Html | undefined {
  const form = actionForm(view, ["sweep"], {});
  return form && section(view.t("sweepTitle"), form);
}
