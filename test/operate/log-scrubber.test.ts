import { describe, expect, it } from "vitest";
import { logScrubber } from "../../src/entry";

const KEY = 'planted"key/with+odd?characters&here';
const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("logScrubber", () => {
  const scrub = logScrubber([KEY, "", "short"]);

  it.each([
    ["as it stands", KEY],
    ["in JSON", JSON.stringify({ key: KEY })],
    ["in JSON in JSON", JSON.stringify(JSON.stringify({ key: KEY }))],
    ["in an address", `https://shop.uz/?key=${encodeURIComponent(KEY)}`],
    ["in Base64", base64(KEY)],
    ["in a Basic header", `Basic ${base64(`Paycom:${KEY}`)}`],
    ["in Base64, one byte later", base64(`a${KEY}b`)],
    ["in Base64 for addresses", Buffer.from(`ab${KEY}`).toString("base64url")],
  ])("hides a secret %s", (_form, text) => {
    const line = scrub(text);
    expect(line).toContain("[hidden]");
    const shown = [line, ...[0, 1, 2].map((cut) => Buffer.from(line.slice(cut), "base64").toString())];
    for (const each of shown) expect(each).not.toMatch(/planted|characters/);
  });

  it("hides tokens and the middle of card numbers", () => {
    const token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyIn0.c2lnbmF0dXJl";
    expect(scrub(`{"stack":"Error\\n${token}"}`)).toBe('{"stack":"Error\\n[hidden]"}');
    expect(scrub("8600 1234 5678 9012, 9860123456789012")).toBe("860012******9012, 986012******9012");
  });

  it("leaves times, amounts, ids and words as they are, also those of too short secrets", () => {
    const line = '{"time":1700000000000,"amount":9007199254740900,"id":"64f8a1b2c3d4e5f6a7b8c9d0","note":"short"}';
    expect(scrub(line)).toBe(line);
  });
});
