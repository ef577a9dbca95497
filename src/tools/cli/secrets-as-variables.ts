import { redact } from "../../protocol/redact";
import { secretMark } from "./curl";

/** The shell's names for the secrets of a call. Any other is named after its member. */
const VARIABLES: Readonly<Record<string, string>> = {
  token: "PAYME_CARD_TOKEN",
  number: "PAYME_CARD_NUMBER",
  cvv: "PAYME_CARD_CVV",
  code: "PAYME_SMS_CODE",
};

/** Returns a copy of a call's parameters with marks in place of secrets: cards, tokens, SMS codes. */
export function secretsAsVariables(params: unknown): unknown {
  return marked(params, redact(params), "VALUE", new Map());
}

type Named = Map<string, unknown>;

function marked(value: unknown, redacted: unknown, name: string, named: Named): unknown {
  if (Array.isArray(value)) return value.map((item, index) => marked(item, memberOf(redacted, index), name, named));
  if (isObject(value) && isObject(redacted)) {
    const entries = Object.entries(value);
    return Object.fromEntries(
      entries.map(([key, member]) => [key, marked(member, memberOf(redacted, key), key, named)]),
    );
  }
  return value === redacted ? value : secretMark(variableFor(name, value, named));
}

/** Gives the same secret the same name; another secret of that member gets a number behind it. */
function variableFor(name: string, value: unknown, named: Named): string {
  const base = VARIABLES[name] ?? `PAYME_${name.toUpperCase().replace(/[^A-Z0-9]/g, "_")}`;
  for (let n = 1; ; n += 1) {
    const variable = n === 1 ? base : `${base}_${n}`;
    if (!named.has(variable)) named.set(variable, value);
    if (named.get(variable) === value) return variable;
  }
}

function memberOf(value: unknown, name: string | number): unknown {
  return isObject(value) ? Reflect.get(value, name) : value;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
