import { isPaymeError } from "../kit/errors";
import { httpAnswerOf } from "../kit/http-answer";
import { som } from "../kit/money";
import {
  type AdminAction,
  type Asked,
  adminEvent,
  amountTaken,
  type EventRow,
  incidentKinds,
  type PaymentRow,
  stackOf,
  tellWritten,
} from "../ledger";
import { deniedReceipt } from "../payments/follow-stray";
import { type AdminParts, type Operator, permissionOf } from "./view";
import type { TextKey } from "./words";

/** What a press did. */
export interface Said {
  readonly status: number;
  readonly text: TextKey;
  /** More, as it was told: an error of ours, a count. */
  readonly more?: string | undefined;
  /** Who had done it before, and when. */
  readonly first?: { readonly by: string; readonly at: number } | undefined;
}

/** A press: the shop, who presses, and the form, whose missing fields are `""`. */
interface Press extends AdminParts {
  readonly asked: Asked;
  field(name: string): string;
}
type Verb = (press: Press) => Promise<Said>;

const DONE: Said = { status: 200, text: "doneNow" };
const GONE: Said = { status: 404, text: "gone" };
const alreadyBy = (first: Said["first"]): Said => ({ status: 200, text: "doneAlready", first });

/** Carries out a press by the verb that guards it. Every action is an event `admin.*` with the person's name. */
export async function act(parts: AdminParts, { name, can }: Operator, form: URLSearchParams): Promise<Said> {
  const field = (wanted: string) => (form.get(wanted) ?? "").trim();
  const action = field("action");
  if (!isAction(action)) return GONE;
  if (!can.includes(permissionOf(action))) return { status: 403, text: "mayNot" };
  const press = /^[\w-]{1,64}$/.exec(field("press"))?.[0];
  try {
    return await VERBS[action]({ ...parts, asked: { by: name, press }, field });
  } catch (error) {
    const answer = httpAnswerOf(error);
    if (answer === undefined || !isPaymeError(error)) throw error;
    const { status, message } = answer;
    if (status >= 500)
      parts.payments.books.logger.warn("the operator's page: an action failed", { action, stack: stackOf(error) });
    const hint = status < 500 ? error.hint : undefined;
    return { status, text: "failed", more: [message, hint].filter(Boolean).join(". ") };
  }
}

function isAction(action: string): action is AdminAction {
  return Object.hasOwn(VERBS, action);
}

const VERBS: Readonly<Record<AdminAction, Verb>> = {
  check: onPayment(async (press, { id, nextCheckAt, paidBy, transactionId }) => {
    if (nextCheckAt === null || press.payments.books.client === undefined) return { status: 200, text: "nothingToAsk" };
    if (!(await book(press, "check", id, paidBy ?? transactionId))) return endOf(press, "check", id, false);
    await press.payments.check(id);
    return DONE;
  }),

  refund: onPayment(async (press, payment) => {
    const { id } = payment;
    const isDenied = payment.refund === "done" && (await deniedReceipt(press.payments.books, payment)) !== null;
    if (isRefunding(payment) && !isDenied) return endOf(press, "refund", id, false);
    if (!isAmount(press.field("amount"), payment)) return { status: 400, text: "wrongAmount" };
    await press.payments.refund(id, press.asked);
    return endOf(press, "refund", id);
  }),

  cancel: onPayment(async (press, { id, status, cancelRequestedAt }) => {
    if (status === "CANCELLED" || cancelRequestedAt !== null) return endOf(press, "cancel", id, false);
    const { outcome } = await press.payments.cancel(id, press.asked);
    return outcome === "conflict" ? { status: 409, text: "live" } : endOf(press, "cancel", id);
  }),

  accept: onIncident(({ payments, asked, field }, id, note) =>
    payments.accept(id, { by: asked.by, note, paymentId: field("payment") || undefined }),
  ),

  resolve: onIncident(({ payments, asked }, id, note) => payments.incidents.resolve(id, { by: asked.by, note })),

  async requeue(press) {
    const { storage, scope } = press.payments.books;
    const id = numberOf(press.field("message"));
    const [message] = await storage.listEvents(scope, { after: id - 1, limit: 1 });
    if (press.outbox === undefined || message?.id !== id) return GONE;
    const isParked = message.parkedAt !== null;
    // Somebody may be quicker.
    if (isParked) await press.outbox.requeue(id, press.asked).catch(ignoreNotFound);
    return endOf(press, "requeue", message.subject, isParked, id);
  },

  async sweep(press) {
    const { payments, merchant } = press;
    if (merchant === undefined) return GONE;
    if (!(await book(press, "sweep", "sweep", null))) return endOf(press, "sweep", "sweep", false);
    const { expired, failed } = await merchant.sweep({ mode: payments.books.scope.mode });
    return { status: failed > 0 ? 502 : 200, text: failed > 0 ? "failed" : "freed", more: String(failed || expired) };
  },
};

function onPayment(verb: (press: Press, payment: PaymentRow) => Promise<Said>): Verb {
  return async (press) => {
    const { storage, scope } = press.payments.books;
    const payment = await storage.findPayment(scope, { id: press.field("id") });
    return payment === undefined ? GONE : verb(press, payment);
  };
}

function onIncident(close: (press: Press, id: number, note: string) => Promise<unknown>): Verb {
  return async (press) => {
    const { storage, scope } = press.payments.books;
    const id = numberOf(press.field("incident"));
    const find = async () => {
      const [row] = await storage.listEvents(scope, { kinds: incidentKinds, after: id - 1, limit: 1 });
      return row?.id === id ? row : undefined;
    };
    const incident = await find();
    if (incident === undefined) return GONE;
    if (incident.resolvedAt !== null) return alreadyBy(closingOf(incident));
    const note = press.field("note");
    if (note === "") return { status: 400, text: "noteMissing" };
    const failed = await close(press, id, note).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    const after = (await find()) ?? incident;
    if (failed !== undefined && after.resolvedAt === null) throw failed.error;
    const isOurs = failed === undefined && after.resolvedBy === press.asked.by && after.note === note;
    return isOurs ? DONE : alreadyBy(closingOf(after));
  };
}

/** Books what is asked for where nothing of ours changes with it. False: the same press came before. */
async function book(
  { payments: { books }, asked }: Press,
  action: AdminAction,
  subject: string,
  paymeId: string | null,
) {
  const event = adminEvent(books.scope, action, { subject, paymeId, at: books.now(), ...asked });
  const written = await books.storage.appendEvents([event]);
  tellWritten(books, written);
  return written.length > 0;
}

/** Done now, unless the last person who asked for it is another one. */
async function endOf(
  { payments: { books }, asked }: Press,
  action: AdminAction,
  subject: string,
  isNew = true,
  message?: number,
): Promise<Said> {
  const events = await books.storage.listEvents(books.scope, { subject, kinds: [`admin.${action}`], limit: 500 });
  const last = events.filter(({ data }) => message === undefined || Object(data).message === message).at(-1);
  const first = last && { by: String(Object(last.data).by), at: last.at };
  return isNew && (first === undefined || first.by === asked.by) ? DONE : alreadyBy(first);
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

function closingOf({ resolvedBy, resolvedAt }: EventRow): Said["first"] {
  return resolvedAt === null ? undefined : { by: resolvedBy ?? "", at: resolvedAt };
}

function numberOf(text: string): number {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : 0;
}

function ignoreNotFound(error: unknown): void {
  if (!isPaymeError(error) || error.code !== "NOT_FOUND") throw error;
}
