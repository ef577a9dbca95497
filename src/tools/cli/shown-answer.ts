import { redact } from "../../protocol/redact";

/** An answer as a terminal may show it: cards and SMS codes hidden, card tokens too unless somebody asked for them. */
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
      return [name, name === "token" && typeof given === "string" ? given : withTokens(member, given)];
    }),
  );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
