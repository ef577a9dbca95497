import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import words from "../../src/admin/words.json";
import { openOffice } from "./kit";

/** Every kind of a story: what the story itself names, and what happens to subscriptions. */
function kindsOfStories(): string[] {
  const story = readFileSync("src/payments/story.ts", "utf8");
  const folder = "src/subscriptions";
  const sources = readdirSync(folder).map((file) => readFileSync(`${folder}/${file}`, "utf8"));
  const news = sources.join("").matchAll(/newsOf\(context, \w+, "(\w+)"/g);
  const [, messages = ""] = /MESSAGES[^[]*\[\]? = \[([^\]]*)\]/.exec(sources.join("")) ?? [];
  return [
    ...[...story.matchAll(/"([a-z]+\.[a-z_]+)"/g)].map(([, kind = ""]) => kind),
    ...[...news].map(([, what]) => `subscription.${what}`),
    ...[...messages.matchAll(/"(\w+)"/g)].map(([, what]) => `subscription.${what}`),
  ];
}

it("each kind of a story has its words in Uzbek and Russian", () => {
  const kinds = kindsOfStories();
  expect(kinds).toEqual(expect.arrayContaining(["payment.paid", "admin.refund", "subscription.payment_failed"]));
  expect(kinds.length).toBeGreaterThan(45);
  expect(kinds.filter((kind) => !Object.hasOwn(words.events, kind))).toEqual([]);
});

it.each(["uz", "ru", "en"])("a story is told in the language of the page: %s", async (lang) => {
  const shop = await openOffice("memory");
  const { id } = await shop.paid();
  await shop.post({ action: "refund", id, amount: "50000" });
  shop.pass(2 * 3_600_000);
  await shop.payments.reconcile();
  const { text } = await shop.get({ page: "payment", id, lang });
  const told = [...text.matchAll(/<li data-who[^>]*>.*?<b>(.*?)<\/b>/gs)].map(([, what = ""]) => what);
  expect(told.length).toBeGreaterThan(4);
  expect(told.every((what) => /^[a-z]+\.[a-z_]+$/.test(what) === (lang === "en"))).toBe(true);
});
