import { Html, type HtmlValue, html } from "../html/html";
import type { Language } from "../html/language";
import { TASHKENT_MS } from "../kit/calendar";
import { formatSom, type Tiyin } from "../kit/money";
import type { AdminAction, IncidentKind } from "../ledger";
import type { MerchantApi } from "../merchant/merchant-api";
import type { Outbox } from "../outbox/outbox";
import type { Payments } from "../payments/payments";
import { hideByForm, hideNamedSecrets } from "../protocol/secrets";
import type { Subscriptions } from "../subscriptions/subscriptions";
import type { TextKey } from "./words";

/** The parts of a shop that the page shows and presses. */
export interface AdminParts {
  readonly payments: Payments;
  /** Adds the button that frees abandoned transactions. */
  readonly merchant?: Pick<MerchantApi, "sweep"> | undefined;
  /** Adds the parked messages. */
  readonly outbox?: Pick<Outbox<unknown>, "parked" | "requeue"> | undefined;
  readonly subscriptions?: Pick<Subscriptions, "list" | "find" | "statistics" | "overdue"> | undefined;
}

/** Incidents of refunds that are not at their end. */
export const REFUND_INCIDENTS: readonly string[] = ["refund_stuck", "refund_refused"] satisfies IncidentKind[];

/** What a person may do. */
export type Permission = "read" | "refund" | "resolve";

/** A person who was let in. */
export interface Operator {
  /** Kept with everything that the person does. */
  readonly name: string;
  readonly can: readonly Permission[];
}

/** What every part of a page needs. */
export interface View {
  readonly language: Language;
  readonly operator: Operator;
  readonly now: number;
  /** The id of the next press: a button that is pressed twice sends it twice. */
  readonly press: string;
  t(key: TextKey): string;
  /** The address of a page: relative, so that it is right wherever the handler is mounted. */
  link(parameters: Readonly<Record<string, string>>): string;
}

/** A text that anybody may have written: what looks like a card, a phone, an address or a secret is hidden. */
export function shown(text: string | number): string {
  return hideByForm(hideNamedSecrets(String(text)));
}

/** A moment in Tashkent; nothing where there was none. */
export function momentOf(at: number | null): Html | undefined {
  if (at === null) return undefined;
  const iso = new Date(at).toISOString();
  const local = new Date(at + TASHKENT_MS).toISOString();
  return html`<time datetime="${iso}">${local.slice(0, 10)} ${local.slice(11, 19)}</time>`;
}

/** The day of a moment in Tashkent, as `2026-01-31`. */
export function dayOf(at: number): string {
  return new Date(at + TASHKENT_MS).toISOString().slice(0, 10);
}

export function moneyOf({ t }: View, amount: Tiyin): Html {
  return html`<span class="money">${formatSom(amount)} ${t("som")}</span>`;
}

export function tag(kind: "good" | "bad" | "work" | "", text: string): Html {
  return html`<span class="tag ${kind}">${text}</span>`;
}

export function section(title: string, ...content: readonly HtmlValue[]): Html {
  return html`<section><h2>${title}</h2>${content.map((each) => html`${each}`)}</section>`;
}

export function list(items: readonly Html[]): Html {
  return html`<ul class="list">${items}</ul>`;
}

/** A section with a list; nothing where there is nothing to list. */
export function listed<Row>(
  view: View,
  title: TextKey,
  rows: readonly Row[],
  viewOf: (view: View, row: Row) => Html,
): Html | undefined {
  return rows.length === 0 ? undefined : section(view.t(title), list(rows.map((row) => viewOf(view, row))));
}

/** A list of facts; those without a value are left out. */
export function facts(rows: readonly (readonly [name: string, value: HtmlValue])[]): Html {
  const known = rows.filter(([, value]) => value !== undefined && value !== "");
  return html`<dl>${known.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** The permission that an action needs. */
export function permissionOf(action: AdminAction): Permission {
  return action === "refund" || action === "cancel" ? "refund" : "resolve";
}

/** A form with its buttons; nothing where the person may press none of them. A field has a name, a label and attributes. */
export function actionForm(
  { t, operator, press }: View,
  actions: readonly AdminAction[],
  hidden: Readonly<Record<string, string>>,
  ...fields: readonly (readonly [name: string, label: TextKey, attributes?: string])[]
): Html | undefined {
  const allowed = actions.filter((action) => operator.can.includes(permissionOf(action)));
  if (allowed.length === 0) return undefined;
  const inputs = Object.entries({ ...hidden, press }).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  const asked = fields.map(
    ([name, label, attributes = ""]) =>
      html`<label>${t(label)}<input name="${name}" autocomplete="off" maxlength="300" ${new Html(attributes)}></label>`,
  );
  const buttons = allowed.map((action) => html`<button name="action" value="${action}">${t(action)}</button>`);
  return html`<form method="post">${inputs}${asked}<div class="acts">${buttons}</div></form>`;
}
