/** What a call says it is. */
export interface Credentials {
  /** The header, or undefined for none. */
  readonly header: string | undefined;
  /** How a report names it, since no report holds a key. */
  readonly shownAs: string;
}

/** HTTP Basic. */
export function basic(login: string, password: string, shownAs: string): Credentials {
  return { header: `Basic ${Buffer.from(`${login}:${password}`).toString("base64")}`, shownAs: `Basic ${shownAs}` };
}

/** What Payme sends. */
export function rightCredentials(key: string): Credentials {
  return basic("Paycom", key, "base64(Paycom:<key>)");
}

/** The very credentials that Payme's sandbox tries under «Неверная авторизация». Note the colon within the password. */
export const SANDBOX_WRONG_CREDENTIALS = basic(
  "Paycom",
  "Uzcard:someRandomString1545343543545",
  "base64(Paycom:Uzcard:someRandomString1545343543545)",
);

/** No header at all. */
export const NO_CREDENTIALS: Credentials = { header: undefined, shownAs: "(none)" };

/** Takes keys out of a text, in each form in which an endpoint may have repeated one. */
export function scrubber(...keys: readonly string[]): (text: string) => string {
  const forms = keys
    .filter((key) => key !== "")
    .flatMap((key) => [
      Buffer.from(`Paycom:${key}`).toString("base64"),
      Buffer.from(key).toString("base64"),
      JSON.stringify(key).slice(1, -1),
      encodeURIComponent(key),
      key,
    ]);
  return (text) => forms.reduce((scrubbed, form) => scrubbed.replaceAll(form, "<key>"), text);
}
