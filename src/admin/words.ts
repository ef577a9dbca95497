import type { Language } from "../html/language";
import type { IncidentKind } from "../ledger";
import { remedyOf } from "../operate/remedies";
import words from "./words.json";

export type TextKey = keyof typeof words.texts;

export function textIn(language: Language): (key: TextKey) => string {
  return (key) => words.texts[key][language];
}

type Translations<Key extends string> = Readonly<Record<Key, Readonly<Record<"uz" | "ru", string>>>>;
const REMEDIES: Translations<IncidentKind> = words.remedies;
const EVENTS: Partial<Translations<string>> = words.events;

/** Returns what a person does about an incident, in the language of the page. */
export function remedyIn(language: Language, kind: IncidentKind): string {
  return language === "en" ? remedyOf(kind) : REMEDIES[kind][language];
}

/** Returns what happened, in the language of the page; a kind that is in no table as it is. */
export function eventIn(language: Language, kind: string): string {
  return language === "en" ? kind : (EVENTS[kind]?.[language] ?? kind);
}
