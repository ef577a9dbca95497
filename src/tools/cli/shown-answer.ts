import { redact } from "../../protocol/redact";
import { isTokenName } from "../../protocol/secrets";

/** Returns an answer as a terminal may show it: cards and SMS codes are hidden, and tokens unless the user asks for them. */
export function shownAnswer(answer: unknown, { showToken }: { showToken: boolean }): string {
  const redacted = redact(answer);
  return JSON.stringify(showToken ? withTokens(redacted, answer) : redacted, null, 2);
}

function withTokens(redacted: unknown, answer: unknown): unknown {
  if (!isObject(redacted) || !isObject(answer)) return redacted;
  if (Array.isArray(redacted)) return redacted.map((item, index) => withTokens(item, Reflect.get(answer, index)));
  return Object.fromEntries(
    Object.entries(redacted).map(([name, member]) => {
      const given: unknown = Reflect.get(answer, name);
      return [name, isTokenName(name) && typeof given === "string" ? given : withTokens(member, given)];
    }),
  );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
