/** Marks errors of this package across its two builds (ES module and CommonJS), which have a class each. */
const LINEAGE = Symbol.for("payme-kit.error");

/** What went wrong, one word per case. Stable: branch on it, not on the message. */
export type PaymeErrorCode =
  | "CONFIG_INVALID"
  | "VALIDATION_FAILED"
  | "SIGNATURE_INVALID"
  | "API_REFUSED"
  | "CONNECTION_FAILED"
  | "OUTCOME_UNKNOWN"
  | "CONFLICT"
  | "NOT_FOUND"
  | "EFFECT_FAILED"
  | "STORAGE_BUSY"
  | "STORAGE_MISUSE";

/** Options that every error takes. */
export interface PaymeErrorOptions {
  /** What to do about it, in one sentence. */
  hint?: string | undefined;
  /** The error behind it. Never one that carries a secret (ky's own errors hold the request's headers). */
  cause?: unknown;
}

/**
 * The base of every error that payme-kit throws on purpose.
 *
 * `instanceof` works across the ES module and CommonJS copies of the package, minified too; {@link isPaymeError} says the same.
 */
export class PaymeError extends Error {
  /** The class's name in the lineage that `instanceof` compares. */
  static readonly brand: string = "PaymeError";
  override readonly name: string = "PaymeError";
  /** What went wrong, one word per case. */
  readonly code: PaymeErrorCode;
  /** What to do about it, where we know. */
  readonly hint?: string | undefined;

  constructor(code: PaymeErrorCode, message: string, options: PaymeErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    if (options.hint !== undefined) this.hint = options.hint;
    Object.defineProperty(this, LINEAGE, { value: lineageOf(new.target) });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // A class that a user derives has no brand of its own: there the prototype chain decides, as usual.
    if (!Object.hasOwn(this, "brand")) return Function.prototype[Symbol.hasInstance].call(this, value);
    return lineageIn(value).includes(this.brand);
  }
}

/** What you gave us to work with (options, environment) cannot work. Nothing was sent. */
export class PaymeConfigError extends PaymeError {
  static override readonly brand: string = "PaymeConfigError";
  override readonly name: string = "PaymeConfigError";

  constructor(message: string, options: PaymeErrorOptions = {}) {
    super("CONFIG_INVALID", message, options);
  }
}

/** Your arguments, or a payload that reached you, are not what they should be. */
export class PaymeValidationError extends PaymeError {
  static override readonly brand: string = "PaymeValidationError";
  override readonly name: string = "PaymeValidationError";

  constructor(message: string, options: PaymeErrorOptions & { code?: PaymeErrorCode | undefined } = {}) {
    super(options.code ?? "VALIDATION_FAILED", message, options);
  }
}

/** A signature is missing or wrong. The payload must not be believed. */
export class PaymeSignatureError extends PaymeValidationError {
  static override readonly brand: string = "PaymeSignatureError";
  override readonly name: string = "PaymeSignatureError";

  constructor(message: string, options: PaymeErrorOptions = {}) {
    super(message, { ...options, code: "SIGNATURE_INVALID" });
  }
}

/**
 * Why Payme refused, one word per case. What to do: `funds`, `limit`, `otp`, `card` are the payer's; `merchant`, `auth`,
 * `validation` are yours; `unavailable` passes; `receipt` is settled by `receipts.check`; `unknown` needs the text.
 */
export type RefusalReason =
  | "auth"
  | "validation"
  | "card"
  | "funds"
  | "limit"
  | "otp"
  | "receipt"
  | "merchant"
  | "unavailable"
  | "unknown";

/** Payme answered, and refused. */
export class PaymeAPIError extends PaymeError {
  static override readonly brand: string = "PaymeAPIError";
  override readonly name: string = "PaymeAPIError";
  /** Payme's code as a decimal string, e.g. `"-31630"`; null where the answer had none. */
  readonly errorCode: string | null;
  /** Payme's error object, redacted; null where there is none. */
  readonly responseData: Readonly<Record<string, unknown>> | null;
  /** The class of the refusal, by method, code and text: one code means different things in different methods. */
  readonly reason: RefusalReason;
  /** What Payme says to the payer, in the languages in which it says it; none where the message was one text. */
  readonly texts: Readonly<{ ru?: string; uz?: string; en?: string }>;

  constructor(
    message: string,
    details: {
      errorCode?: string | null | undefined;
      responseData?: Readonly<Record<string, unknown>> | null | undefined;
      reason?: RefusalReason | undefined;
      texts?: Readonly<{ ru?: string; uz?: string; en?: string }> | undefined;
    } & PaymeErrorOptions = {},
  ) {
    super("API_REFUSED", message, details);
    this.errorCode = details.errorCode ?? null;
    this.responseData = details.responseData ?? null;
    this.reason = details.reason ?? "unknown";
    this.texts = details.texts ?? {};
  }
}

/** Payme was not reached, or a read failed on the way. Nothing changed at Payme: asking again is safe. */
export class PaymeConnectionError extends PaymeError {
  static override readonly brand: string = "PaymeConnectionError";
  override readonly name: string = "PaymeConnectionError";

  constructor(message: string, options: PaymeErrorOptions = {}) {
    super("CONNECTION_FAILED", message, options);
  }
}

/**
 * A request that changes something was sent and no usable answer came back: it may have been carried out.
 * Never repeat it; make the read that `settledBy` names.
 */
export class PaymeOutcomeUnknownError extends PaymeError {
  static override readonly brand: string = "PaymeOutcomeUnknownError";
  override readonly name: string = "PaymeOutcomeUnknownError";
  /** The method whose outcome is unknown, e.g. `receipts.create`. */
  readonly method: string;
  /** The read that settles it, e.g. `receipts.check`. */
  readonly settledBy: string;
  /** True where the caller's own signal ended the wait. */
  readonly aborted: boolean;

  constructor(
    message: string,
    details: { method: string; settledBy: string; aborted?: boolean | undefined } & PaymeErrorOptions,
  ) {
    super("OUTCOME_UNKNOWN", message, details);
    this.method = details.method;
    this.settledBy = details.settledBy;
    this.aborted = details.aborted ?? false;
  }
}

/** A hook of yours threw: everything it belonged to was rolled back, and whoever reported the money should report it again. */
export class PaymeEffectError extends PaymeError {
  static override readonly brand: string = "PaymeEffectError";
  override readonly name: string = "PaymeEffectError";

  constructor(message: string, options: PaymeErrorOptions = {}) {
    super("EFFECT_FAILED", message, options);
  }
}

/** The storage could not do what was asked: too busy, out of time, or used in a way that would not be safe. */
export class PaymeStorageError extends PaymeError {
  static override readonly brand: string = "PaymeStorageError";
  override readonly name: string = "PaymeStorageError";

  constructor(code: "STORAGE_BUSY" | "STORAGE_MISUSE", message: string, options: PaymeErrorOptions = {}) {
    super(code, message, options);
  }
}

/**
 * True for every error of this package, whichever build made it.
 *
 * @example if (isPaymeError(error)) console.error(error.code, error.hint);
 */
export function isPaymeError(value: unknown): value is PaymeError {
  return lineageIn(value).includes(PaymeError.brand);
}

function lineageOf(type: unknown): readonly string[] {
  const names: string[] = [];
  for (let current = type; typeof current === "function"; current = Object.getPrototypeOf(current)) {
    if (Object.hasOwn(current, "brand")) names.push(String(Reflect.get(current, "brand")));
  }
  return names;
}

function lineageIn(value: unknown): readonly unknown[] {
  if (typeof value !== "object" || value === null) return [];
  const lineage: unknown = Reflect.get(value, LINEAGE);
  return Array.isArray(lineage) ? lineage : [];
}
