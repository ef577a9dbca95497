import type { RefusalReason } from "../errors";
import type { LocalizedText } from "../protocol/states";

/** A code and the reason that it stands for, whatever was called. */
const REASONS: Readonly<Record<number, RefusalReason>> = {
  [-32300]: "validation",
  [-32700]: "validation",
  [-32600]: "validation",
  [-32601]: "validation",
  [-32602]: "validation",
  [-32504]: "auth",
  [-32500]: "card",
  [-32400]: "unavailable",
  [-31001]: "unavailable",
  [-31002]: "unavailable",
  [-31100]: "unavailable",
  [-31101]: "card",
  [-31102]: "card",
  [-31103]: "otp",
  [-31110]: "otp",
  [-31300]: "card",
  [-31301]: "card",
  [-31302]: "card",
  [-31303]: "funds",
  [-31304]: "funds",
  [-31400]: "card",
  [-31601]: "merchant",
  [-31602]: "receipt",
  [-31610]: "validation",
  [-31611]: "limit",
  [-31612]: "limit",
  [-31620]: "unavailable",
  [-31622]: "merchant",
  [-31623]: "merchant",
  [-31624]: "unavailable",
  [-31625]: "unavailable",
  [-31630]: "card",
  [-31640]: "card",
  [-31700]: "unavailable",
  [-31900]: "card",
  [-31901]: "card",
};

/** Codes that mean something else in a method than elsewhere. */
const BY_METHOD: Readonly<Record<string, Readonly<Record<number, RefusalReason>>>> = {
  "cards.verify": { [-31101]: "otp", [-31102]: "otp" },
  "cards.get_verify_code": { [-31301]: "otp" },
};

/** Codes that stand for many reasons: there the text decides, in whichever language it came. */
const DECIDED_BY_TEXT = new Set([-31300, -31301, -31302, -31303, -31630, -31640]);
const FUNDS = /недостаточн|не\s*хватает|mablag|yetarli emas|insufficient|not enough|no money/i;
const LIMIT = /лимит|превыш|limit|exceed/i;
const OTP = /смс|sms/i;

/**
 * Why Payme refused: by code and method, and by the text where one code stands for many reasons. -31050 to -31099 are the
 * cashbox's own billing refusing the account. Source: "Ошибки отправки чека", and implementations that agree.
 */
export function reasonOf(
  method: string,
  code: number | undefined,
  message: string | Partial<LocalizedText> | null | undefined,
): RefusalReason {
  if (code === undefined) return "unknown";
  if (code <= -31050 && code >= -31099) return "merchant";
  // "Wrong amount" of a billing, which answers in languages; Payme's own -31001 is one text.
  if (code === -31001 && typeof message === "object" && message !== null) return "merchant";
  if (DECIDED_BY_TEXT.has(code)) {
    const text = typeof message === "string" ? message : Object.values(message ?? {}).join("\n");
    if (FUNDS.test(text)) return "funds";
    if (LIMIT.test(text)) return "limit";
    if (OTP.test(text)) return "otp";
  }
  return BY_METHOD[method]?.[code] ?? REASONS[code] ?? "unknown";
}
