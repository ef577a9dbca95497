/** Marks errors of this package in both builds: the ES module and CommonJS each have their own classes. */
const LINEAGE = /* @__PURE__ */ Symbol.for("payme-kit.error");

/** The cause of an error, one word per case. Stable: branch on it, not on the message. */
export type PaymeErrorCode =
  | "CONFIG_INVALID"
  | "VALIDATION_FAILED"
  | "SIGNATURE_INVALID"
  | "BODY_TOO_LARGE"
  | "API_REFUSED"
  | "CONNECTION_FAILED"
  | "OUTCOME_UNKNOWN"
  | "CONFLICT"
  | "TOO_MANY_OPEN"
  | "NOT_FOUND"
  | "EFFECT_FAILED"
  | "NO_FULFILLER"
  | "STORAGE_BUSY"
  | "STORAGE_MISUSE";

/** Options of every error. */
export interface PaymeErrorOptions {
  /** What to do about it, in one sentence. */
  hint?: string | undefined;
  /** The error behind it. Never one with a secret, like ky's own: they hold the request's headers. */
  cause?: unknown;
}

/**
 * The base class of every error that payme-kit throws on purpose.
 *
 * `instanceof` works across the ES module and CommonJS copies of the package, minified too; {@link isPaymeError} says the same.
 */
export class PaymeError extends Error {
  /** The name of the class, by which `instanceof` compares. */
  static readonly brand: string = "PaymeError";
  override readonly name: string;
  /** The cause, one word per case. */
  readonly code: PaymeErrorCode;
  /** What to do about it, where that is known. */
  readonly hint?: string | undefined;

  constructor(code: PaymeErrorCode, message: string, options: PaymeErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.brand;
    this.code = code;
    if (options.hint !== undefined) this.hint = options.hint;
    Object.defineProperty(this, LINEAGE, { value: lineageOf(new.target) });
  }

  /** @hidden */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // A class derived by a user has no brand of its own. There the prototype chain decides, as usual.
    if (!Object.hasOwn(this, "brand")) return Function.prototype[Symbol.hasInstance].call(this, value);
    return lineageIn(value).includes(this.brand);
  }
}

/** Texts for the payer, by language: short, and without names of fields. */
export type PayerTexts = Readonly<{ ru?: string; uz?: string; en?: string }>;

/** Your options or your environment cannot work. Nothing was sent. */
export class PaymeConfigError extends PaymeError {
  static override readonly brand: string = "PaymeConfigError";

  constructor(message: string, options: PaymeErrorOptions = {}) {
    super("CONFIG_INVALID", message, options);
  }
}

/** Your arguments, or a payload that you received, are not valid. */
export class PaymeValidationError extends PaymeError {
  static override readonly brand: string = "PaymeValidationError";
  /** The same for the payer, by language, where it is the payer's business; else empty. */
  readonly texts: PayerTexts;

  constructor(
    message: string,
    options: PaymeErrorOptions & { code?: PaymeErrorCode | undefined; texts?: PayerTexts | undefined } = {},
  ) {
    super(options.code ?? "VALIDATION_FAILED", message, options);
    this.texts = options.texts ?? {};
  }
}

/** A signature is missing or wrong. Do not trust the payload. */
export class PaymeSignatureError extends PaymeValidationError {
  static override readonly brand: string = "PaymeSignatureError";

  constructor(message: string, options: PaymeErrorOptions = {}) {
    super(message, { ...options, code: "SIGNATURE_INVALID" });
  }
}

/**
 * The reason of a refusal, one word per case. The payer must act on `funds`, `limit`, `otp`, `card`; you on `merchant`, `auth`,
 * `validation`. Wait for `unavailable`. Ask `receipts.check` for `receipt`. Read the text for `unknown`.
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

/** Payme refused. */
export class PaymeAPIError extends PaymeError {
  static override readonly brand: string = "PaymeAPIError";
  /** Payme's code as a decimal string, e.g. `"-31630"`; null where the answer had none. */
  readonly errorCode: string | null;
  /** Payme's error object, redacted; null where there is none. */
  readonly responseData: Readonly<Record<string, unknown>> | null;
  /** The reason, by method, code and text: one code means different things in different methods. */
  readonly reason: RefusalReason;
  /** Payme's texts for the payer, by language; empty where the message is one text. */
  readonly texts: PayerTexts;

  constructor(
    message: string,
    details: {
      errorCode?: string | null | undefined;
      responseData?: Readonly<Record<string, unknown>> | null | undefined;
      reason?: RefusalReason | undefined;
      texts?: PayerTexts | undefined;
    } & PaymeErrorOptions = {},
  ) {
    super("API_REFUSED", message, details);
    this.errorCode = details.errorCode ?? null;
    this.responseData = details.responseData ?? null;
    this.reason = details.reason ?? "unknown";
    this.texts = details.texts ?? {};
  }
}

/** Payme was not reached, or a read failed on the way. Nothing changed at Payme: it is safe to ask again. */
export class PaymeConnectionError extends PaymeError {
  static override readonly brand: string = "PaymeConnectionError";
  /** The member of a result that cannot be read, never its value. Undefined where no result came. */
  readonly problem?: string | undefined;

  constructor(message: string, options: PaymeErrorOptions & { problem?: string | undefined } = {}) {
    super("CONNECTION_FAILED", message, options);
    if (options.problem !== undefined) this.problem = options.problem;
  }
}

/**
 * A write was sent, and no usable answer came back: Payme may have carried it out.
 * Never repeat it; make the read that `settledBy` names.
 */
export class PaymeOutcomeUnknownError extends PaymeError {
  static override readonly brand: string = "PaymeOutcomeUnknownError";
  /** The method whose outcome is unknown, e.g. `receipts.create`. */
  readonly method: string;
  /** The read that tells the outcome, e.g. `receipts.check`. */
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

/**
 * Money could not be recorded now; the sender should send the notification again. Your hook threw, and its whole commit was
 * rolled back (`EFFECT_FAILED`); or this process does not fulfil that kind of payments (`NO_FULFILLER`).
 */
export class PaymeEffectError extends PaymeError {
  static override readonly brand: string = "PaymeEffectError";

  constructor(
    message: string,
    options: PaymeErrorOptions & { code?: "EFFECT_FAILED" | "NO_FULFILLER" | undefined } = {},
  ) {
    super(options.code ?? "EFFECT_FAILED", message, options);
  }
}

/** The storage is too busy, ran out of time, or was used in a way that is not safe. */
export class PaymeStorageError extends PaymeError {
  static override readonly brand: string = "PaymeStorageError";

  constructor(code: "STORAGE_BUSY" | "STORAGE_MISUSE", message: string, options: PaymeErrorOptions = {}) {
    super(code, message, options);
  }
}

/**
 * True for every error of this package, from either build.
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
