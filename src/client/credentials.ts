import type { XAuthKind } from "./x-auth";

/** What is wrong with a cashbox id, as the end of a sentence that never repeats it; undefined where nothing is. */
export function merchantIdProblem(merchantId: unknown): string | undefined {
  const problem = textProblem(merchantId, "the id of the cashbox from the Payme cabinet (24 characters)");
  if (problem !== undefined) return problem;
  if (/^[\x21-\x39\x3b-\x7e]+$/.test(String(merchantId))) return undefined;
  return "holds a colon, a space or a character that no header can carry; give the id alone, without the key";
}

/** What is wrong with a key, as the end of a sentence that never repeats it; undefined where nothing is. */
export function keyProblem(key: unknown, auth: XAuthKind): string | undefined {
  const problem = textProblem(key, "the key of the cashbox from the Payme cabinet");
  if (problem !== undefined || auth === "signature") return problem;
  if (/^[\x20-\x7e]+$/.test(String(key))) return undefined;
  return "holds a character that no HTTP header can carry; copy the key again";
}

function textProblem(value: unknown, what: string): string | undefined {
  if (typeof value !== "string" || value.trim() === "") return `is missing; give ${what}`;
  if (value !== value.trim()) return "has white space around it; remove it (a line end from copying, most often)";
  return undefined;
}
