import { exec } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { describeWith } from "../machine";
import { printedToken, type Started, start, temporaryFolder } from "./started";

const PAYER = { number: "8600 1234 5678 9012", expire: "12/39", cvv: "123", action: "pay" };

/** The demo server as PAYME_FLOW=link runs it, and what its user does. */
async function startWithLinks(folder = temporaryFolder()) {
  const server = await start(folder, { PAYME_FLOW: "link" });
  const headers = { Authorization: `Bearer ${printedToken(server.output(), "User")}` };
  const ask = async (method: string, path: string) =>
    Object(await (await fetch(server.url + path, { method, headers })).json());
  return { server, ask, buy: () => ask("POST", "/tariffs/1/purchase") };
}

/** Opens a checkout link and fills in the form of its page, as a browser does. */
async function pay(link: string, form: Record<string, string> = PAYER) {
  const page = await fetch(link);
  const shown = await page.text();
  const answer = await fetch(page.url, { method: "POST", body: new URLSearchParams(form) });
  return { shown, status: answer.status, text: await answer.text() };
}

const linkText = (link: string) => Buffer.from(new URL(link).pathname.slice(1), "base64").toString();

function mockOf(server: Started): string {
  return /Payme \(mock\) +(\S+)/.exec(server.output())?.[1] ?? "none";
}

it("a tariff is bought by the checkout link that the mock opens, and is active through /payme/merchant", async () => {
  const { server, ask, buy } = await startWithLinks();
  const bought = await buy();
  const link = String(bought.payment_url);
  expect(link.startsWith(`${mockOf(server)}/`)).toBe(true);
  expect(linkText(link)).toBe(`m=65a0b0000000000000000001;ac.order_id=${bought.transaction_id};a=5000000`);
  expect(await ask("GET", "/users/me")).toMatchObject({ tariff_id: null });

  const paid = await pay(`${link}?lang=en`);
  expect(paid.shown).toContain("50\u00a0000 som");
  expect(paid).toMatchObject({ status: 200, text: expect.stringContaining("Paid") });
  // No waiting: who sees "Paid" has the tariff.
  expect(await ask("GET", "/users/me")).toMatchObject({ tariff_id: 1 });
  expect(await ask("GET", `/payme/check-status/${bought.transaction_id}`)).toMatchObject({ status: "PAID" });

  const again = await pay(`${link}?lang=en`);
  expect(again.status).toBe(422);
  expect(again.text).toMatch(/<p class="problem" role="alert"[^>]*>The payment was declined: /);
});

it("a changed amount, or an order that is not there, is refused on the page in the payer's language", async () => {
  const { ask, buy, server } = await startWithLinks();
  const text = linkText(String((await buy()).payment_url));
  for (const [changed, words] of [
    [text.replace("a=5000000", "a=100"), "To‘lov o‘tmadi: Summa noto‘g‘ri"],
    [text.replace(/order_id=[^;]+/, "order_id=4711"), "To‘lov o‘tmadi: Buyurtma topilmadi"],
  ] as const) {
    const { status, text: page } = await pay(`${mockOf(server)}/${Buffer.from(`${changed};l=uz`).toString("base64")}`);
    expect([status, page]).toEqual([422, expect.stringContaining(words)]);
  }
  expect(await ask("GET", "/users/me")).toMatchObject({ tariff_id: null });
});

it("a restart keeps what was paid, and ends what was not", async () => {
  const folder = temporaryFolder();
  const first = await startWithLinks(folder);
  const paid = await first.buy();
  await pay(String(paid.payment_url));
  const open = await first.ask("POST", "/tariffs/2/purchase");
  await first.server.stop();
  const second = await startWithLinks(folder);
  expect(await second.ask("GET", "/users/me")).toMatchObject({ tariff_id: 1 });
  const again = await second.ask("POST", "/tariffs/2/purchase");
  expect(again.transaction_id).not.toBe(open.transaction_id);
  expect((await pay(String(again.payment_url))).status).toBe(200);
  expect(await second.ask("GET", "/users/me")).toMatchObject({ tariff_id: 2 });
});

const CLI = join(import.meta.dirname, "../../dist/cli/index.js");

describeWith("curl", "the command that the start prints", () => {
  it.skipIf(process.platform === "win32")(
    "has the certifier pass /payme/merchant (not on Windows: it is for sh)",
    async () => {
      const server = await start(temporaryFolder(), { PAYME_FLOW: "link" });
      const printed = /^PAYME_KEY=.* npx payme-kit certify .*$/m.exec(server.output())?.[0] ?? "nothing printed";
      const command = printed.replace("npx payme-kit", () => `"${process.execPath}" "${CLI}"`);
      const { stdout } = await promisify(exec)(command);
      expect(stdout).toMatch(/^No check failed: \d+ passed, 0 warned, /m);
    },
    60_000,
  );
});

it("where receipts are the way, the start says that the Merchant API has no key, and how it gets one", async () => {
  const server = await start(temporaryFolder());
  expect(server.output()).toMatch(/Merchant API +has no key in this flow: PAYME_FLOW=link npm start/);
  expect(server.output()).not.toContain("certify");
  const answer = await fetch(`${server.url}/payme/merchant`, { method: "POST", body: "{}" });
  expect(await answer.json()).toMatchObject({ error: { code: -32504 } });
});
