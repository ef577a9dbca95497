import { formatSom, tiyin } from "../kit/money";
import { CHECKOUT_HOST_LIVE, CHECKOUT_HOST_TEST } from "../protocol/hosts";

/** The parts of a link, one line each, and its problems. */
export interface ExplainedLink {
  readonly lines: readonly string[];
  readonly problems: readonly LinkProblem[];
}

/** A problem, and what has it. */
export interface LinkProblem {
  readonly of: "form" | "fields" | "amount";
  readonly text: string;
}

/** The keys of a link. Source: developer.help.paycom.uz, "Отправка чека по методу GET". */
const MEANINGS: Readonly<Record<string, string>> = {
  m: "cashbox (merchant)",
  a: "amount",
  l: "language",
  c: "return address",
  ct: "return after, in ms",
  cr: "currency",
};

/** Explains a checkout link: its cashbox, account and amount. */
export function explainLink(link: string): ExplainedLink {
  if (!URL.canParse(link)) return { lines: [], problems: [problem("form", "not an address")] };
  const { origin, pathname } = new URL(link);
  const path = pathname.replace(/^\/+/, "");
  if (/^[0-9a-f]{24}$/i.test(path)) {
    const what = "24 hexadecimal digits: a receipt's page (or a cashbox's page), not a checkout link";
    return { lines: [line("host", hostOf(origin)), line("path", what)], problems: [] };
  }
  const text = decoded(path);
  if (text === undefined) {
    const problems = [problem("form", "its path is not Base64 of UTF-8")];
    return { lines: [line("host", hostOf(origin))], problems };
  }
  const parts = text.split(";").map((part) => splitOnce(part));
  return {
    lines: [line("host", hostOf(origin)), ...parts.map(([name, value]) => line(meaningOf(name), shown(name, value)))],
    problems: problemsOf(parts),
  };
}

type Part = readonly [name: string, value: string];

const problem = (of: LinkProblem["of"], text: string): LinkProblem => ({ of, text });

function problemsOf(parts: readonly Part[]): LinkProblem[] {
  const names = parts.map(([name]) => name);
  const amount = parts.find(([name]) => name === "a")?.[1];
  const repeated = names.filter((name, index) => names.indexOf(name) !== index);
  return [
    ...(names.includes("m") ? [] : [problem("fields", "m, the cashbox, is missing")]),
    ...(names.some((name) => name.startsWith("ac.")) ? [] : [problem("fields", "ac.…, an account field, is missing")]),
    ...(amount === undefined ? [problem("amount", "a, the amount, is missing")] : []),
    ...(amount === undefined || isAmount(amount)
      ? []
      : [problem("amount", "a, the amount, is not a whole number of tiyin above 0")]),
    ...repeated.map((name) => problem("fields", `${name} appears twice`)),
    ...names
      .filter((name) => !isKnown(name))
      .map((name) => problem("fields", `${JSON.stringify(name)} is not a published key of Payme`)),
  ];
}

function isKnown(name: string): boolean {
  return Object.hasOwn(MEANINGS, name) || /^ac\..+/.test(name);
}

function meaningOf(name: string): string {
  return name.startsWith("ac.") ? `account.${name.slice(3)}` : (MEANINGS[name] ?? name);
}

function shown(name: string, value: string): string {
  if (name !== "a" || !isAmount(value)) return value;
  return `${value} tiyin = ${formatSom(tiyin(Number(value)))} som`;
}

function isAmount(value: string): boolean {
  return /^[1-9]\d{0,15}$/.test(value) && Number.isSafeInteger(Number(value));
}

function hostOf(origin: string): string {
  if (origin === CHECKOUT_HOST_LIVE) return `${origin} (live)`;
  return origin === CHECKOUT_HOST_TEST ? `${origin} (the sandbox)` : `${origin} (not Payme's)`;
}

function line(name: string, value: string): string {
  return `${name.padEnd(20)} ${value}`;
}

function splitOnce(part: string): Part {
  const at = part.indexOf("=");
  return at < 0 ? [part, ""] : [part.slice(0, at), part.slice(at + 1)];
}

/** The text of a path. Control characters become escapes: a terminal would obey them. */
function decoded(path: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(decodeURIComponent(path)), (unit) => unit.charCodeAt(0));
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.replace(/\p{Cc}/gu, (control) => JSON.stringify(control).slice(1, -1));
  } catch {
    return undefined;
  }
}
