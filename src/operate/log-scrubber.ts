import { maskCardNumber } from "../protocol/card";
import { createKnownSecrets, HIDDEN, JWT } from "../protocol/secrets";

/** A shorter text would be found inside of ordinary words. */
const SHORTEST_SECRET = 6;
/** As Uzcard, HUMO and the international ones begin: most other 16 digits are times, amounts and ids. */
const CARD_NUMBER = /(?<![\d.])(?:8600|9860|5614|6262|5440|[45]\d{3})([ -]?)\d{4}\1\d{4}\1\d{4}(?!\d)/g;

/**
 * Returns a function that makes a line fit for the log, whoever wrote it: your ORM, a stack, a header. It hides your secrets (of
 * six characters or more) in each form in which they travel, tokens (JWT), and the middle of card numbers.
 *
 * @example pino({ hooks: { streamWrite: logScrubber([payme.key, jwtSecret]) } });
 */
export function logScrubber(secrets: readonly string[]): (line: string) => string {
  const known = createKnownSecrets();
  for (const secret of secrets) if (secret.length >= SHORTEST_SECRET) known.learn(secret);
  return (line) => known.hide(line).replace(JWT, HIDDEN).replace(CARD_NUMBER, maskCardNumber);
}
