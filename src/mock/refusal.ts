/** An answer of Payme's that refuses, thrown where it is found out. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** Payme's code. */
  readonly code: number;
  readonly data: unknown;
  /** The field of a form that it is about. */
  readonly field: "number" | "expire" | "cvv" | undefined;

  constructor(code: number, message: string, details: { data?: unknown; field?: "number" | "expire" | "cvv" } = {}) {
    super(message);
    this.code = code;
    this.data = details.data ?? null;
    this.field = details.field;
  }
}

/** The connection is to break without an answer. */
export class DroppedConnection extends Error {
  override readonly name = "DroppedConnection";

  constructor() {
    super("the mock dropped this connection");
  }
}
