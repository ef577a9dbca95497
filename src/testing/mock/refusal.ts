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

/** Thrown to break the connection without an answer. */
export class DroppedConnection extends Error {
  override readonly name = "DroppedConnection";

  constructor() {
    super("the mock dropped this connection");
  }
}
