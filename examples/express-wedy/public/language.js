import { TEXTS } from "./texts.js";

const STORED = "wedy.language";
const NAMES = { uz: "O‘zbekcha", ru: "Русский", en: "English" };

const known = (wish) => Object.keys(NAMES).find((each) => wish?.toLowerCase().startsWith(each));

/** The page's language: chosen before, else the browser's, else English. */
export const language = known(localStorage.getItem(STORED)) ?? navigator.languages.map(known).find(Boolean) ?? "en";

/** A text in the page's language, with its values. */
export function say(key, values = {}) {
  return TEXTS[language][key].replace(/\{(\w+)\}/g, (_whole, name) => String(values[name]));
}

// Not every browser has names of months in Uzbek; numbers are written as in Russian.
const [locale, dateStyle] = language === "uz" ? ["ru", "short"] : [language, "long"];
const money = new Intl.NumberFormat(locale);
const date = new Intl.DateTimeFormat(locale, { dateStyle, timeStyle: "short" });
const clock = new Intl.DateTimeFormat(locale, { timeStyle: "medium" });

export const sumText = (som) => money.format(som);
export const dateText = (time) => date.format(new Date(time));
export const clockText = (time) => clock.format(new Date(time));

/** Fills the texts that stand in the page, and the switch of languages. */
export function translatePage() {
  document.documentElement.lang = language;
  document.title = say("page");
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = say(element.dataset.text);
  const nav = document.getElementById("languages");
  nav.setAttribute("aria-label", say("language"));
  nav.replaceChildren(...Object.entries(NAMES).map(languageButton));
}

function languageButton([key, name]) {
  const button = document.createElement("button");
  button.type = "button";
  button.lang = key;
  button.textContent = name;
  button.setAttribute("aria-pressed", String(key === language));
  button.addEventListener("click", () => {
    localStorage.setItem(STORED, key);
    location.reload();
  });
  return button;
}
