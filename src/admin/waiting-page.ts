import { type Html, html } from "../html/html";
import { type EventRow, incidentKinds, isIncidentKind } from "../ledger";
import type { Message } from "../outbox/message";
import {
  type AdminParts,
  actionForm,
  listed,
  momentOf,
  REFUND_INCIDENTS,
  section,
  shown,
  tag,
  type View,
} from "./view";
import { remedyIn } from "./words";

const PAGE = 50;
/** Those whose money a person may accept. */
const MONEY = ["paid_after_cancel", "amount_mismatch", "unknown_transaction"];
const NOTE = ["note", "note", "required"] as const;

/** What waits for a person, oldest first: two queries. */
export async function waitingPage(view: View, parts: AdminParts, asked: URLSearchParams): Promise<Html> {
  const { t, link } = view;
  const { storage, scope } = parts.payments.books;
  const after = Number(asked.get("after")) || 0;
  const open = await storage.listEvents(scope, { kinds: incidentKinds, open: true, after, limit: PAGE });
  const parked = (await parts.outbox?.parked({ limit: PAGE })) ?? [];
  // A parked message is listed with its button.
  const incidents = open.filter(({ kind }) => kind !== "message_parked" || parts.outbox === undefined);
  const isRefund = ({ kind }: EventRow) => REFUND_INCIDENTS.includes(kind);
  const last = open.length === PAGE ? open.at(-1) : undefined;
  const sweep = parts.merchant && actionForm(view, ["sweep"], {});
  return html`<h1>${t("waiting")}</h1>
${incidents.length + parked.length === 0 ? html`<p>${t("nothingWaits")}</p>` : undefined}
${listed(
  view,
  "incidents",
  incidents.filter((row) => !isRefund(row)),
  incidentView,
)}
${listed(view, "refunds", incidents.filter(isRefund), incidentView)}
${listed(view, "parked", parked, messageView)}
${last && html`<p><a href="${link({ page: "waiting", after: String(last.id) })}">${t("more")}</a></p>`}
${sweep && section(t("sweepTitle"), sweep)}`;
}

function incidentView(view: View, { id, kind, subject, paymeId, at, data }: EventRow): Html {
  const isAcceptable = MONEY.includes(kind) && Object(data).money !== "refused";
  const fields = [...(kind === "unknown_transaction" ? [["payment", "forPayment"] as const] : []), NOTE];
  const page =
    subject === paymeId ? { page: "search", q: subject } : { page: "payment", id: subject, payme: paymeId ?? "" };
  // A reference of the shop's own may be a phone: it is in no address.
  const about = shown(subject) === subject ? html`<a href="${view.link(page)}">${subject}</a>` : shown(subject);
  return html`<li id="incident-${id}">${tag("bad", kind)} ${momentOf(at)} ${about} <code>${subject === paymeId ? "" : (paymeId ?? "")}</code>
<p>${isIncidentKind(kind) ? remedyIn(view.language, kind) : ""}</p>
${actionForm(view, isAcceptable ? ["accept", "resolve"] : ["resolve"], { incident: String(id) }, ...fields)}</li>`;
}

function messageView(view: View, { id, kind, subject, at, attempt }: Message): Html {
  return html`<li id="message-${id}">${tag("bad", shown(kind))} ${momentOf(at)} <span>${shown(subject)}</span> <span>${view.t("attempts")}: ${attempt}</span>
<p>${remedyIn(view.language, "message_parked")}</p>
${actionForm(view, ["requeue"], { message: String(id) })}</li>`;
}
