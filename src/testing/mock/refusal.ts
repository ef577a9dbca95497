import type { LocalizedText } from "../../protocol/states";

/** What a refusal can tell besides its code and message. */
export interface RefusalDetails {
  readonly data?: unknown;
  /** The field of a form that it is about. */
  readonly field?: "number" | "expire" | "cvv" | undefined;
  /** The message in the languages in which a merchant gave it. */
  readonly texts?: Partial<LocalizedText> | undefined;
}

/** An answer of Payme's that refuses, thrown where it is found out. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** Payme's code. */
  readonly code: number;
  readonly data: unknown;
  readonly field: RefusalDetails["field"];
  readonly texts: RefusalDetails["texts"];

  constructor(code: number, message: string, details: RefusalDetails = {}) {
    super(message);
    this.code = code;
    this.data = details.data ?? null;
    this.field = details.field;
    this.texts = details.texts;
  }
}

/** The connection is to break without an answer. */
export class DroppedConnection extends Error {
  override readonly name = "DroppedConnection";

  constructor() {
    super("the mock dropped this connection");
  }
}
