import type { LocalizedText } from "../protocol/states";

/** A language of the pages. */
export type Language = keyof LocalizedText;

/** The languages of the pages with their names, in the order of the switch. */
export const LANGUAGES: readonly (readonly [Language, string])[] = [
  ["uz", "O‘zbekcha"],
  ["ru", "Русский"],
  ["en", "English"],
];

/** Returns the page's language: from the address, else from the browser, else Russian as at Payme. */
export function languageOf(request: Request): Language {
  const wishes = [new URL(request.url).searchParams.get("lang"), request.headers.get("accept-language")];
  const found = wishes.map((wish) => /\b(?:ru|uz|en)\b/.exec(wish?.toLowerCase() ?? "")?.[0]).find(Boolean);
  return found === "uz" || found === "en" ? found : "ru";
}
