/** Characters whose escape is a letter or themselves, in JavaScript as in Python. */
const SHORT = /["\\\n\r\t\b\f]/;

/** A text as Python's `json.dumps` prints it: outside printable ASCII, each unit of UTF-16 is `\uXXXX`. */
export function pythonString(text: string): string {
  return `"${text.replace(/[^ !#-[\]-~]/g, escaped)}"`;
}

function escaped(unit: string): string {
  return SHORT.test(unit)
    ? JSON.stringify(unit).slice(1, -1)
    : `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Python converts no longer integer from text. */
const MAX_INTEGER_DIGITS = 4_300;

/** A JSON number as Python prints it; undefined where Python refuses it. */
export function pythonNumber(literal: string): string | undefined {
  if (/[.eE]/.test(literal)) return pythonFloat(Number(literal));
  const digits = literal.startsWith("-") ? literal.length - 1 : literal.length;
  if (digits > MAX_INTEGER_DIGITS) return undefined;
  return literal === "-0" ? "0" : literal;
}

/**
 * A float as Python's `repr` prints it: the shortest digits that read back the same. Below 1e-4 and from 1e16 on it has an
 * exponent with a sign and two digits. Whole values end in `.0`.
 */
function pythonFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const [mantissa = "", exponentText = ""] = Math.abs(value).toExponential().split("e");
  const digits = mantissa.replace(".", "");
  const exponent = Number(exponentText);
  return sign + (exponent < -4 || exponent >= 16 ? exponentForm(digits, exponent) : plainForm(digits, exponent));
}

function exponentForm(digits: string, exponent: number): string {
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
  const power = String(Math.abs(exponent)).padStart(2, "0");
  return `${digits.charAt(0)}${fraction}e${exponent < 0 ? "-" : "+"}${power}`;
}

function plainForm(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${whole}.${digits.slice(exponent + 1) || "0"}`;
}
