import type { Language } from "../html/language";
import type { IncidentKind } from "../ledger";
import { remedyOf } from "../operate/remedies";
import words from "./words.json";

export type TextKey = keyof typeof words.texts;

export function textIn(language: Language): (key: TextKey) => string {
  return (key) => words.texts[key][language];
}

const REMEDIES: Readonly<Record<IncidentKind, Readonly<Record<"uz" | "ru", string>>>> = words.remedies;

/** Returns what a person does about an incident, in the language of the page. */
export function remedyIn(language: Language, kind: IncidentKind): string {
  return language === "en" ? remedyOf(kind) : REMEDIES[kind][language];
}
