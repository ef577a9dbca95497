import { DAY_MS, TASHKENT_MS } from "../kit/calendar";
import { isPaymeError, PaymeAPIError, type PaymeErrorCode, PaymeValidationError } from "../kit/errors";
import { stackOf } from "../ledger";
import { cardExpiry, type Card as PaymeCard } from "../protocol/card";
import { inBook, ownRow, type SubscriptionsContext } from "./context";
import type { CardRow } from "./rows";
import type { SubscriptionVerbs } from "./subscription-store";

/** A card to save. */
export interface NewCard {
  /** Your id of its owner. */
  readonly owner: string;
  /** The token of `cards.verify`. It is sealed, and never shown again. */
  readonly token: string;
  /** What the owner agreed to: the text that was shown, and your name for it. */
  readonly consent: { readonly text: string; readonly version: string };
}

/** A saved card, without its token. */
export type SavedCard = Omit<CardRow, "sealed" | "tokenHash" | "noticed" | "cashbox" | "mode">;

/** How far the cards are sealed with the newest key. */
export interface ResealReport {
  /** Cards looked at. */
  readonly checked: number;
  readonly resealed: number;
  /** Cards that no key opens. They are kept: give the key, and run it again. */
  readonly failed: number;
}

/** The saved cards of owners. */
export interface SubscriptionCards {
  /**
   * Saves a card after Payme has been asked about it. The same token again is the same card.
   *
   * @throws PaymeValidationError where the token is not verified or pays once only, or another owner has it; PaymeAPIError where
   * Payme does not know it.
   * @example
   * const card = await subs.cards.attach({ owner: "u1", token, consent: { text: "I agree to …", version: "2026-01" } });
   */
  attach(card: NewCard): Promise<SavedCard>;
  /** The owner's cards, the newest first, removed ones too. */
  list(owner: string): Promise<SavedCard[]>;
  /** Forgets the token, here and at Payme. A subscription on it needs another card at its next charge. */
  remove(id: string): Promise<SavedCard>;
  /** Seals every token with the newest key. Run it after a new key was put first; then the old one may go. */
  reseal(): Promise<ResealReport>;
}

const PAGE = 100;

export function createCards<Tx>(context: SubscriptionsContext<Tx>): SubscriptionCards {
  const { store, payments } = context;
  return {
    attach: (card) => attach(context, card),
    list: async (owner) => (await store.listCards(payments.books.scope, { owner, limit: PAGE })).map(shownCard),
    remove: (id) => remove(context, id),
    reseal: () => reseal(context),
  };
}

async function attach<Tx>(context: SubscriptionsContext<Tx>, { owner, token, consent }: NewCard): Promise<SavedCard> {
  for (const [field, text] of Object.entries({
    owner,
    token,
    "consent.text": consent?.text,
    "consent.version": consent?.version,
  })) {
    if (typeof text !== "string" || text.trim() === "") throw refused(`${field}: give a text`);
  }
  const { now, newId, scope } = context.payments.books;
  const known = await context.client.cards.check(token);
  if (!known.verify) throw refused("the card is not verified", "Send the SMS code to cards.verify first.");
  if (!known.recurrent) {
    throw refused("the card's token pays once only", "Make it with cards.create({ save: true }).");
  }
  const id = newId();
  const at = now();
  const fresh = {
    sealed: await context.seal.wrap(token, id),
    mask: known.number,
    expiresAt: expiryOf(known),
    state: "ATTACHED",
    checkedAt: at,
    consentVersion: consent.version,
    consentText: consent.text,
    consentAt: at,
    noticed: null,
  } as const;
  const row: CardRow = { ...scope, id, owner, tokenHash: await hashOf(token), createdAt: at, ...fresh };
  const added = await inBook(context, ({ verbs }) => verbs.addCard(row));
  if (added.outcome === "applied") return shownCard(row);
  const other = added.row;
  if (other.owner !== owner) {
    throw refused(
      "another owner has this card's token",
      "A token belongs to one owner: add the card anew for this one.",
      "CONFLICT",
    );
  }
  // Outside the transaction: a seal may ask a KMS.
  const again = { ...fresh, sealed: await context.seal.wrap(token, other.id) };
  const changed = await inBook(context, ({ verbs }) => changeCard(verbs, other.id, (card) => ({ ...card, ...again })));
  return shownCard(changed ?? other);
}

async function remove<Tx>(context: SubscriptionsContext<Tx>, id: string): Promise<SavedCard> {
  const { store, client, payments } = context;
  const card = ownRow(context, await store.findCard(id));
  if (card === undefined) throw unknownCard(id);
  if (card.state === "REMOVED") return shownCard(card);
  try {
    await client.cards.remove(await tokenOf(context, card));
  } catch (error) {
    // Payme may have forgotten it before, and a seal may be lost: ours is forgotten all the same.
    payments.books.logger.warn("a card could not be removed at Payme; it is removed here", {
      cardId: id,
      error: codeOf(error),
    });
  }
  const removed = await inBook(context, ({ verbs }) =>
    changeCard(verbs, id, (row) => ({ ...row, state: "REMOVED", sealed: null })),
  );
  return shownCard(removed ?? card);
}

async function reseal<Tx>(context: SubscriptionsContext<Tx>): Promise<ResealReport> {
  const { store, seal, payments } = context;
  const report = { checked: 0, resealed: 0, failed: 0 };
  for (let after = ""; ; ) {
    const page = await store.listCards(payments.books.scope, { after, limit: PAGE });
    for (const card of page) {
      const { id, sealed } = card;
      if (sealed === null || ((await seal.isNewest?.(sealed)) ?? true)) continue;
      report.checked += 1;
      try {
        const anew = await seal.wrap(await tokenOf(context, card), id);
        await inBook(context, async ({ verbs }) => {
          const row = await verbs.findCard(id, { lock: true });
          // Removed or attached anew meanwhile: it has no text of before.
          if (row?.sealed === sealed) await verbs.saveCard({ ...row, sealed: anew });
        });
        report.resealed += 1;
      } catch (error) {
        report.failed += 1;
        payments.books.logger.error("a card's token could not be opened; it is kept", {
          cardId: id,
          error: codeOf(error),
        });
      }
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return report;
    after = last.id;
  }
}

/** The token of a card. Never stored, logged or thrown. */
export async function tokenOf<Tx>({ seal }: SubscriptionsContext<Tx>, { id, sealed }: CardRow): Promise<string> {
  if (sealed === null) throw unknownCard(id);
  return seal.unwrap(sealed, id);
}

/** Payme is asked about a card again after this time, before it is charged. */
const CHECK_AFTER_MS = 7 * DAY_MS;

/** Asks Payme about a card that it was not asked about for a week. DEAD: Payme says that it charges it no more. */
export async function checkedCard<Tx>(
  context: SubscriptionsContext<Tx>,
  card: CardRow,
  token: string,
): Promise<CardRow> {
  const at = context.payments.books.now();
  if (at - card.checkedAt < CHECK_AFTER_MS) return card;
  const seen = await context.client.cards.check(token).catch((error: unknown) => {
    if (error instanceof PaymeAPIError && error.reason === "card") return undefined;
    throw error;
  });
  const isGood = seen?.recurrent === true && seen.verify;
  return inBook(context, ({ verbs }) =>
    changeCard(verbs, card.id, (row) => ({
      ...row,
      checkedAt: at,
      ...(seen === undefined ? {} : expiring(row, expiryOf(seen))),
      state: isGood || row.state === "REMOVED" ? row.state : "DEAD",
    })),
  ).then((row) => row ?? card);
}

/** Another expiry has notices of its own. */
function expiring({ expiresAt: known, noticed }: CardRow, expiresAt: number | null) {
  return { expiresAt, noticed: known === expiresAt ? noticed : null };
}

/** Changes a card as it stands while nobody else does. */
export async function changeCard(
  verbs: SubscriptionVerbs,
  id: string,
  change: (row: CardRow) => CardRow,
): Promise<CardRow | undefined> {
  const row = await verbs.findCard(id, { lock: true });
  if (row === undefined) return undefined;
  const changed = change(row);
  await verbs.saveCard(changed);
  return changed;
}

/** The first moment of the month after the one that is printed on the card, in Tashkent. */
function expiryOf({ expire }: PaymeCard): number | null {
  const expiry = cardExpiry(expire, { from: "card" });
  return expiry === undefined ? null : Date.UTC(2000 + expiry.year, expiry.month, 1) - TASHKENT_MS;
}

async function hashOf(token: string): Promise<string> {
  const digest = new Uint8Array(await globalThis.crypto.subtle.digest("SHA-256", new TextEncoder().encode(token)));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function shownCard({
  sealed: _sealed,
  tokenHash: _hash,
  noticed: _noticed,
  cashbox: _cashbox,
  mode: _mode,
  ...card
}: CardRow): SavedCard {
  return card;
}

export function unknownCard(id: string): PaymeValidationError {
  return new PaymeValidationError(`there is no saved card ${JSON.stringify(id)}`, {
    code: "NOT_FOUND",
    hint: "cards.list(owner) shows an owner's cards.",
  });
}

/** What a log line says of an error: a token may be in its text. */
export function codeOf(error: unknown): string {
  return isPaymeError(error) ? error.code : stackOf(error).split("\n", 1).join("");
}

function refused(problem: string, hint?: string, code?: PaymeErrorCode): PaymeValidationError {
  return new PaymeValidationError(problem, { hint, code });
}
