import { isPaymeError } from "../kit/errors";
import { httpAnswerOf } from "../kit/http-answer";
import { som } from "../kit/money";
import {
  adminEvent,
  amountTaken,
  type EventRow,
  incidentKinds,
  type PaymentRow,
  stackOf,
  tellWritten,
} from "../ledger";
import type { AdminParts } from "./parts";
import { ACTIONS, type Action, type Operator } from "./view";
import type { TextKey } from "./words";

/** What a press did. */
export interface Said {
  readonly status: 200 | 400 | 403 | 404 | 409 | 502;
  readonly text: TextKey;
  /** More, as it was told: an error of ours, a count. */
  readonly more?: string | undefined;
  /** Who had done it before, and when. */
  readonly first?: { readonly by: string; readonly at: number } | undefined;
}

const DONE: Said = { status: 200, text: "doneNow" };
const GONE: Said = { status: 404, text: "gone" };
const alreadyBy = (first?: Said["first"]): Said => ({ status: 200, text: "doneAlready", first });

/** The fields of a form, each `""` where it is missing. */
type Fields = (name: string) => string;

/** Carries out a press by the verb that guards it. Every action is an event `admin.*` with the person's name. */
export async function act(parts: AdminParts, operator: Operator, form: URLSearchParams): Promise<Said> {
  const action = form.get("action") ?? "";
  if (!isAction(action)) return GONE;
  if (!operator.can.includes(ACTIONS[action])) return { status: 403, text: "mayNot" };
  const field: Fields = (name) => (form.get(name) ?? "").trim();
  try {
    return await VERBS[action](parts, operator.name, field);
  } catch (error) {
    if (!isPaymeError(error)) throw error;
    const { status, message } = httpAnswerOf(error) ?? { status: 500, message: "" };
    const told = [message, status < 500 ? error.hint : undefined].filter(Boolean).join(". ");
    if (status >= 500)
      parts.payments.books.logger.warn("the operator's page: an action failed", { action, stack: stackOf(error) });
    return {
      status: status === 409 ? 409 : status === 404 ? 404 : status < 500 ? 400 : 502,
      text: "failed",
      more: told,
    };
  }
}

function isAction(action: string): action is Action {
  return Object.hasOwn(ACTIONS, action);
}

const VERBS: Readonly<Record<Action, (parts: AdminParts, by: string, field: Fields) => Promise<Said>>> = {
  async check({ payments }, by, field) {
    const payment = await payments.books.storage.findPayment(payments.books.scope, { id: field("id") });
    if (payment === undefined) return GONE;
    if (payment.nextCheckAt === null || payments.books.client === undefined)
      return { status: 200, text: "nothingToAsk" };
    await book(payments, "check", by, payment.id, payment.paidBy ?? payment.transactionId);
    await payments.check(payment.id);
    return DONE;
  },

  async refund({ payments }, by, field) {
    const payment = await payments.books.storage.findPayment(payments.books.scope, { id: field("id") });
    if (payment === undefined) return GONE;
    if (isRefunding(payment)) return alreadyBy(await firstOf(payments, "refund", payment.id));
    if (!isAmount(field("amount"), payment)) return { status: 400, text: "wrongAmount" };
    await payments.refund(payment.id, { by });
    return doneUnlessFirst(await firstOf(payments, "refund", payment.id), by);
  },

  async cancel({ payments }, by, field) {
    const payment = await payments.books.storage.findPayment(payments.books.scope, { id: field("id") });
    if (payment === undefined) return GONE;
    const isAsked = payment.status === "CANCELLED" || payment.cancelRequestedAt !== null;
    if (isAsked) return alreadyBy(await firstOf(payments, "cancel", payment.id));
    const { outcome } = await payments.cancel(payment.id, { by });
    if (outcome === "conflict") return { status: 409, text: "live" };
    return doneUnlessFirst(await firstOf(payments, "cancel", payment.id), by);
  },

  async accept({ payments }, by, field) {
    return onIncident(
      payments,
      field,
      async (incident, note) => {
        await payments.accept(incident.id, { by, note, paymentId: field("payment") || undefined });
      },
      by,
    );
  },

  async resolve({ payments }, by, field) {
    return onIncident(payments, field, (incident, note) => payments.incidents.resolve(incident.id, { by, note }), by);
  },

  async requeue({ payments, outbox }, by, field) {
    const { storage, scope } = payments.books;
    const id = numberOf(field("message"));
    const [message] = await storage.listEvents(scope, { after: id - 1, limit: 1 });
    if (outbox === undefined || message?.id !== id) return GONE;
    const isParked = message.parkedAt !== null;
    // Somebody may be quicker.
    if (isParked) await outbox.requeue(id, { by }).catch(ignoreNotFound);
    const first = await firstOf(payments, "requeue", message.subject, id);
    return isParked ? doneUnlessFirst(first, by) : alreadyBy(first);
  },

  async sweep({ payments, merchant }, by) {
    if (merchant === undefined) return GONE;
    await book(payments, "sweep", by, "sweep", null);
    const { expired, failed } = await merchant.sweep({ mode: payments.books.scope.mode });
    return { status: failed > 0 ? 502 : 200, text: failed > 0 ? "failed" : "freed", more: String(failed || expired) };
  },
};

type BookedPayments = AdminParts["payments"];

/** Books what is asked for where nothing of ours changes with it. */
async function book({ books }: BookedPayments, action: Action, by: string, subject: string, paymeId: string | null) {
  const event = adminEvent(books.scope, action, { subject, paymeId, at: books.now(), by });
  tellWritten(books, await books.storage.appendEvents([event]));
}

/** The last person who asked for it. */
async function firstOf(
  { books }: BookedPayments,
  action: Action,
  subject: string,
  message?: number,
): Promise<Said["first"]> {
  const events = await books.storage.listEvents(books.scope, { subject, kinds: [`admin.${action}`], limit: 500 });
  const last = events.filter(({ data }) => message === undefined || Object(data).message === message).at(-1);
  return last && { by: String(Object(last.data).by), at: last.at };
}

function doneUnlessFirst(first: Said["first"], by: string): Said {
  return first === undefined || first.by === by ? DONE : alreadyBy(first);
}

/** True where a refund is on its way, and Payme need not be asked again. */
function isRefunding({ status, refund, cancelRequestedAt, paidAt }: PaymentRow): boolean {
  if (status === "PAID") return cancelRequestedAt !== null;
  return status === "CANCELLED" && paidAt !== null && (refund === "queued" || refund === "done");
}

function isAmount(typed: string, payment: PaymentRow): boolean {
  try {
    return som(typed) === amountTaken(payment);
  } catch {
    return false;
  }
}

async function onIncident(
  { books }: BookedPayments,
  field: Fields,
  press: (incident: EventRow, note: string) => Promise<unknown>,
  by: string,
): Promise<Said> {
  const id = numberOf(field("incident"));
  const find = async () => {
    const query = { kinds: incidentKinds, after: id - 1, limit: 1 };
    const [row] = await books.storage.listEvents(books.scope, query);
    return row?.id === id ? row : undefined;
  };
  const incident = await find();
  if (incident === undefined) return GONE;
  if (incident.resolvedAt !== null) return alreadyBy(closingOf(incident));
  const note = field("note");
  if (note === "") return { status: 400, text: "noteMissing" };
  try {
    await press(incident, note);
  } catch (error) {
    const after = await find();
    if (after?.resolvedAt != null) return alreadyBy(closingOf(after));
    throw error;
  }
  const after = (await find()) ?? incident;
  return after.resolvedBy === by && after.note === note ? DONE : alreadyBy(closingOf(after));
}

function closingOf({ resolvedBy, resolvedAt }: EventRow): Said["first"] {
  return resolvedAt === null ? undefined : { by: resolvedBy ?? "", at: resolvedAt };
}

function numberOf(text: string): number {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : 0;
}

function ignoreNotFound(error: unknown): void {
  if (!isPaymeError(error) || error.code !== "NOT_FOUND") throw error;
}
