import { expect } from "vitest";

/** A refusal with this code: localised, and nothing beside it. */
export function refusal(code: number, data?: string) {
  const message = { ru: expect.any(String), uz: expect.any(String), en: expect.any(String) };
  return { error: { code, message, ...(data === undefined ? {} : { data }) }, id: 7 };
}
