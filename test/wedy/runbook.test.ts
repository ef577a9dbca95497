import { readFileSync } from "node:fs";
import { join } from "node:path";
import { signTestWebhook } from "payme-kit/testing";
import { expect, it } from "vitest";
import { openShop, paid, UZCARD } from "./shop";

const page = readFileSync(join(import.meta.dirname, "../../docs/runbook.md"), "utf8");

/** The texts that the page has grep look for. */
function patterns(): string[] {
  return [...page.matchAll(/grep '([^']+)'/g)].map(([, pattern = ""]) => pattern);
}

it("has the guide's three headings, and for each what is seen, two steps, a command, and what pressing it twice does", () => {
  const parts = page.split(/^## /m).slice(1, 4);
  expect(parts.map((part) => part.split("\n")[0])).toEqual([
    "1. Webhook not received",
    "2. Payment creation failed",
    "3. Tariff not activated",
  ]);
  for (const part of parts) {
    for (const word of ["**You see:**", "**First step:**", "**Second step", "**Put right:**", "**Twice:**"]) {
      expect(part).toContain(word);
    }
  }
});

it("looks in the log for lines that the server writes", async () => {
  const { buy, notify, mock, request, lines } = await openShop();
  const id = await buy(2);
  const forged = signTestWebhook({ secret: "another", body: paid(id, 5_000_000) });
  await request("POST", "/payme/webhook", { token: null, ...forged });
  await mock.pay(id, { card: UZCARD });
  await notify(paid(id, 1));
  await notify(paid(id, 5_000_000));
  mock.faults.add({ method: "receipts.create", kind: "drop_after", times: 1 });
  expect(await request("POST", "/tariffs/2/purchase")).toMatchObject({ status: 504 });
  expect(patterns().length).toBeGreaterThan(1);
  for (const pattern of patterns()) expect(lines.join("\n")).toContain(pattern);
  expect(lines.filter((line) => line.includes('"path":"/payme/webhook"'))[0]).toContain('"status":401');
  expect(lines.filter((line) => line.includes(id)).some((line) => line.includes('"message":"webhook"'))).toBe(true);
});

it("its command settles what Payme has, and the second time, and a notification after it, change nothing more", async () => {
  const { buy, notify, mock, request, adminToken: token, tariffs } = await openShop();
  const id = await buy(2);
  await mock.pay(id, { card: UZCARD });
  const check = async () => (await request("GET", `/payme/check-status/${id}`, { token })).body;
  const first = await check();
  expect(first).toMatchObject({ status: "PAID" });
  const { timetable } = await tariffs.current("user123");
  expect(timetable).toHaveLength(1);
  expect(await check()).toEqual(first);
  expect(await notify(paid(id, 5_000_000))).toMatchObject({ body: { result: "ok" } });
  expect((await tariffs.current("user123")).timetable).toEqual(timetable);
});
