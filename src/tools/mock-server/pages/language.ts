import type { LocalizedText } from "../../../protocol/states";

/** A language of the pages. */
export type Language = keyof LocalizedText;

/** The pages' languages by their own names, in the order in which the switch shows them. */
export const LANGUAGES: readonly (readonly [Language, string])[] = [
  ["uz", "O‘zbekcha"],
  ["ru", "Русский"],
  ["en", "English"],
];

/** The page's language: what the address asks for, else what the browser prefers, else Russian as at Payme. */
export function languageOf(request: Request): Language {
  const wishes = [new URL(request.url).searchParams.get("lang"), request.headers.get("accept-language")];
  const found = wishes.map((wish) => /\b(?:ru|uz|en)\b/.exec(wish?.toLowerCase() ?? "")?.[0]).find(Boolean);
  return found === "uz" || found === "en" ? found : "ru";
}
