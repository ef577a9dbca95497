import { SubscribeErrorCode } from "../../protocol/codes";
import type { LocalizedText } from "../../protocol/states";

/** Details of a refusal besides its code and message. */
interface RefusalDetails {
  readonly data?: unknown;
  /** The wrong field of the card form. */
  readonly field?: "number" | "expire" | "cvv" | undefined;
  /** The message in the languages that the merchant gave. */
  readonly texts?: Partial<LocalizedText> | undefined;
}

/** An error that Payme answers, thrown where it is found. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly data: unknown;
  readonly field: RefusalDetails["field"];
  readonly texts: RefusalDetails["texts"];

  /** @param code Payme's code. */
  constructor(
    readonly code: number,
    message: string,
    details: RefusalDetails = {},
  ) {
    super(message);
    this.data = details.data ?? null;
    this.field = details.field;
    this.texts = details.texts;
  }
}

/** Payme's refusal of a receipt that does not exist, or is paid. */
export function receiptNotFound(): Refusal {
  return new Refusal(SubscribeErrorCode.RECEIPT_NOT_FOUND_OR_PAID, "Чек не найден или оплачен");
}

/** Payme's refusal of an unknown card or token. */
export function cardNotFound(): Refusal {
  return new Refusal(SubscribeErrorCode.CARD_NOT_FOUND, "Карта не найдена");
}

/** Thrown to break the connection without an answer. */
export class DroppedConnection extends Error {
  override readonly name = "DroppedConnection";

  constructor() {
    super("the mock dropped this connection");
  }
}
