import { createServer } from "node:http";
import express from "express";
import { describe, expect, it, onTestFinished } from "vitest";
import { som } from "../../src/entry";
import { adminHandler } from "../../src/entry/admin";
import { expressAdmin } from "../../src/entry/express";
import { nodeAdmin } from "../../src/entry/node";
import { newTransaction } from "../../src/ledger";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { listenOn } from "../../src/tools/listen-on";
import { card, createOffice, hidden, ORIGIN, OWN, openOffice, STORAGES, scope } from "./kit";

const EVIL = `"><script>alert(1)</script><img src=x onerror=alert(1)>'\``;

describe("the operator's page", () => {
  it("is refused at start without authorize, and without payments", () => {
    const { payments } = createOffice(memoryStorage());
    expect(() => Reflect.apply(adminHandler, undefined, [{ payments }])).toThrow(/give authorize: without it anybody/);
    expect(() => Reflect.apply(adminHandler, undefined, [{ authorize: () => null }])).toThrow(/give payments/);
  });

  it("is in no frame, in no cache, and runs nothing but its own script", async () => {
    const shop = createOffice(memoryStorage());
    for (const page of [
      await shop.get(),
      await shop.get({ page: "payment", id: "x" }),
      await shop.post({ action: "x" }, {}),
    ]) {
      expect(page.headers.get("x-frame-options")).toBe("DENY");
      expect(page.headers.get("cache-control")).toBe("no-store");
      expect(page.headers.get("x-content-type-options")).toBe("nosniff");
      const policy = page.headers.get("content-security-policy") ?? "";
      for (const rule of ["default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"]) {
        expect(policy).toContain(rule);
      }
      expect(policy).not.toContain("unsafe");
      expect(page.text.match(/<script/g)).toHaveLength(1);
      expect(page.text).not.toMatch(/ style=| onclick=|javascript:/);
    }
  });

  it.each([
    ["a foreign Origin", { ...OWN, origin: "https://evil.example" }],
    ["the same name with another port", { ...OWN, origin: `${ORIGIN}:8443` }],
    ["a name that begins like ours", { ...OWN, origin: "https://shop.example.evil.example" }],
    ["Origin null", { ...OWN, origin: "null" }],
    ["no Origin", { "sec-fetch-site": "same-origin" }],
    ["another site", { ...OWN, "sec-fetch-site": "cross-site" }],
    ["another host of our site", { ...OWN, "sec-fetch-site": "same-site" }],
    ["no page at all", { ...OWN, "sec-fetch-site": "none" }],
  ])("takes no press from %s", async (_name, headers) => {
    const shop = createOffice(memoryStorage());
    const { id } = await shop.paid();
    expect((await shop.post({ action: "refund", id, amount: "50000" }, headers)).status).toBe(403);
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID", cancelRequestedAt: null });
    expect(await shop.events("admin.refund")).toEqual([]);
  });

  it("takes a press of its own from a browser that sends no Sec-Fetch-Site", async () => {
    const shop = createOffice(memoryStorage());
    const { id } = await shop.paid();
    expect((await shop.post({ action: "refund", id, amount: "50000" }, { origin: ORIGIN })).status).toBe(200);
  });

  it("takes no action from a GET, and no other method", async () => {
    const shop = createOffice(memoryStorage());
    const { id } = await shop.paid();
    await shop.get({ action: "refund", id, amount: "50000", page: "payment" }, OWN);
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID" });
    for (const method of ["PUT", "DELETE", "PATCH"]) {
      expect((await shop.admin(new Request(ORIGIN, { method, headers: OWN }))).status).toBe(405);
    }
  });

  it("tells an error of the books or of the page without its text", async () => {
    const shop = createOffice(memoryStorage(), {
      admin: {
        authorize() {
          throw new Error("the secret of the session store");
        },
      },
    });
    const page = await shop.get();
    expect(page.status).toBe(500);
    expect(page.text).not.toContain("secret");
    expect(shop.lines.join()).toContain("the operator's page failed");
  });

  it.each(["express", "node"])("is served by the edge of %s below any path, with its forms", async (edge) => {
    const shop = createOffice(memoryStorage());
    const { id } = await shop.paid();
    const app = express();
    app.use("/office/money", expressAdmin(shop.admin));
    const server = createServer(edge === "express" ? app : nodeAdmin(shop.admin));
    const { url: origin } = await listenOn(server, { port: 0, host: "127.0.0.1" });
    onTestFinished(() => void server.close());
    const url = `${origin}/office/money?page=payment&id=${id}&lang=en`;
    const page = await fetch(url);
    expect(page.status).toBe(200);
    expect(page.headers.get("x-frame-options")).toBe("DENY");
    const text = await page.text();
    const head = await fetch(url, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect(Number(head.headers.get("content-length"))).toBeGreaterThan(1_000);
    // Every address is relative.
    for (const [, href = ""] of text.matchAll(/(?:href|action)="([^"]*)"/g)) expect(href).toMatch(/^[?#]/);
    const body = new URLSearchParams({ action: "refund", id, amount: "50000" });
    const refused = await fetch(url, { method: "POST", body, headers: { origin: "http://evil.example" } });
    expect(refused.status).toBe(403);
    expect((await fetch(url, { method: "POST", body, headers: { origin } })).status).toBe(200);
    expect(await shop.payments.find(id)).toMatchObject({ status: "CANCELLED" });
    const long = new URLSearchParams({ note: "x".repeat(100_000) });
    expect((await fetch(url, { method: "POST", body: long, headers: { origin } })).status).toBe(413);
  });
});

describe.each(STORAGES)("the operator's page on %s", (on) => {
  it("shows every stored text as text", async () => {
    const shop = await openOffice(on, { title: EVIL });
    const { id } = await shop.paid(EVIL, { userId: EVIL, description: EVIL });
    const { paidBy } = (await shop.payments.find(id)) ?? {};
    await shop.storage.saveFiscalData(scope, paidBy ?? "", "PERFORM", {
      [EVIL]: EVIL,
      qr_code_url: `javascript:alert(1)//${EVIL}`,
      items: [{ title: EVIL }],
    });
    const event = { ...scope, subject: id, paymeId: paidBy ?? null, at: 1 };
    await shop.storage.appendEvents([
      { ...event, kind: "transaction.cancelled", data: { reason: EVIL } },
      { ...event, kind: "call.refused", data: { method: EVIL, code: EVIL } },
      { ...event, kind: "amount_mismatch" },
      { ...event, subject: EVIL, paymeId: EVIL, kind: "double_payment" },
    ]);
    const [incident] = await shop.payments.incidents.list({ subject: id });
    await shop.payments.incidents.resolve(incident?.id ?? 0, { by: EVIL, note: EVIL });
    await shop.parked(EVIL, EVIL);
    await shop.storage.addTransaction(
      newTransaction({
        ...scope,
        paymeId: "stray",
        source: "merchant",
        transaction: "t",
        reference: EVIL,
        amount: som(1),
        account: {},
        time: 1,
        createTime: 1,
      }),
    );
    shop.as({ name: EVIL, can: ["read", "refund", "resolve"] });
    const pages = [
      await shop.get({ q: EVIL }),
      await shop.get({ q: "stray" }),
      await shop.get({ page: "payment", payme: "stray" }),
      await shop.get({ page: "payment", id }),
      await shop.get({ page: "waiting" }),
      await shop.get({ page: "today" }),
      await shop.get({ page: EVIL, [EVIL]: EVIL }),
      await shop.post({ action: EVIL, id: EVIL }),
      await shop.post({ action: "resolve", incident: "1", note: EVIL }),
      await shop.post({ action: "refund", id, amount: EVIL }, OWN, { page: "payment", id }),
    ];
    for (const { text } of pages) {
      expect(text.match(/<script/g)).toHaveLength(1);
      expect(text).not.toContain("<img");
      expect(text).not.toMatch(/href="javascript/i);
      expect(text).not.toContain(EVIL);
    }
    // It is there, as text.
    const shownAs = "&#34;&#62;&#60;script&#62;alert(1)";
    for (const index of [0, 3, 4]) expect(pages[index]?.text).toContain(shownAs);
  });

  it("shows nothing of another cashbox or mode", async () => {
    const shop = await openOffice(on);
    for (const other of [{ mode: "live" as const }, { cashbox: "second" }]) {
      const foreign = { ...scope, ...other };
      const { id } = await createOffice(memoryStorage()).paid();
      const row = { ...(await shop.paid(`mine:${foreign.mode}:${foreign.cashbox}`)), ...foreign };
      const theirs = {
        ...row,
        id: `${id}-${foreign.mode}-${foreign.cashbox}`,
        transactionId: `r-${foreign.mode}${foreign.cashbox}`,
      };
      await shop.storage.addPayment({
        ...theirs,
        reference: "their order",
        userId: "their user",
        paidBy: theirs.transactionId,
      });
      await shop.storage.appendEvents([
        { ...foreign, kind: "double_payment", subject: theirs.id, paymeId: theirs.transactionId, at: 1 },
      ]);
      const [incident] = await shop.storage.listEvents(foreign, { limit: 9 });
      for (const q of [theirs.id, theirs.transactionId, "their order", "their user"]) {
        expect((await shop.get({ q })).text).toContain("Nothing was found.");
      }
      expect((await shop.get({ page: "payment", id: theirs.id })).status).toBe(404);
      expect((await shop.get({ page: "waiting" })).text).toContain("Nothing waits.");
      const note = { note: "x", amount: "50000" };
      expect((await shop.post({ action: "refund", id: theirs.id, ...note })).status).toBe(404);
      expect((await shop.post({ action: "resolve", incident: String(incident?.id), ...note })).status).toBe(404);
    }
  });

  it("changes nothing by any GET", async () => {
    const shop = await openOffice(on);
    const { id } = await shop.paid();
    await shop.late();
    await shop.parked();
    const books = async () => [
      await shop.storage.listEvents(scope, { limit: 999 }),
      await shop.storage.searchPayments(scope, { text: id, limit: 9 }),
      await shop.storage.paymentStatistics(scope),
    ];
    const before = await books();
    const queries = [
      {},
      { q: id },
      { q: "order:197" },
      { page: "payment", id },
      { page: "waiting" },
      { page: "today" },
    ];
    for (const query of [...queries, { page: "today", close: "2026-01-15" }, { page: "today", health: "1" }]) {
      expect((await shop.get(query)).status, JSON.stringify(query)).toBe(200);
    }
    expect(await books()).toEqual(before);
  });

  it("has no key, token, card number or whole phone", async () => {
    const shop = await openOffice(on);
    const phone = "+998901234567";
    const { token } = await shop.client.cards.create({ number: card.number, expire: "0399", save: true });
    const { id } = await shop.paid(phone, {
      userId: phone,
      description: `card ${card.number}, token=${token}, ${phone}`,
    });
    const { paidBy } = (await shop.payments.find(id)) ?? {};
    const fiscal = { card: card.number, phone, token, receipt_id: 1234567 };
    await shop.storage.saveFiscalData(scope, paidBy ?? "", "PERFORM", fiscal);
    const event = { ...scope, kind: "double_payment", subject: id, paymeId: "other", at: 1 };
    const [incident] = await shop.storage.appendEvents([event, { ...event, subject: phone, paymeId: "third" }]);
    await shop.payments.incidents.resolve(incident?.id ?? 0, { by: "Aziza", note: `called ${phone}, ${card.number}` });
    for (const query of [{ q: phone }, { page: "payment", id }, { page: "waiting" }, { page: "today" }]) {
      const { text } = await shop.get(query);
      for (const secret of [
        phone,
        phone.slice(1),
        "998901234567",
        card.number,
        token,
        shop.mock.key,
        "8600 4954 7331",
      ]) {
        expect(text.includes(secret), `${JSON.stringify(query)} has ${secret}`).toBe(false);
      }
    }
    const page = await shop.get({ page: "payment", id });
    expect(page.text).toContain("860049******6478");
    expect(page.text).toContain("99890*****67");
    expect(hidden(page, "id")).toBe(id);
  });
});
