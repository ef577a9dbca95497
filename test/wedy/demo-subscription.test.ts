import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { consent } from "./saved-card";
import { printedToken, type Started, start, startInVain, temporaryFolder } from "./started";

const REAL = {
  PAYME_MERCHANT_ID: "65a0b0000000000000000001",
  PAYME_SECRET_KEY: "a-key-of-thirty-six-characters-01234",
  PAYME_TEST_API_URL: "http://127.0.0.1:9",
  JWT_SECRET: "a-secret-for-a-server-in-a-process-of-its-own-0123",
};

/** The demo as its page calls it. */
function asPage(server: Started) {
  const headers = { Authorization: `Bearer ${printedToken(server.output(), "User")}` };
  const call = async (method: string, path: string, json?: object) => {
    const body = json === undefined ? null : JSON.stringify(json);
    return Object(await (await fetch(server.url + path, { method, headers, body })).json());
  };
  const atPayme = async (method: string, params: object) => {
    const { cards } = await call("GET", "/demo/token");
    const request = {
      method: "POST",
      headers: { "X-Auth": cards.merchant_id },
      body: JSON.stringify({ method, params }),
    };
    return Object(Object(await (await fetch(`${cards.api_url}/api`, request)).json()).result);
  };
  return {
    call,
    async savedCard() {
      const { card } = await atPayme("cards.create", {
        card: { number: "8600123456789012", expire: "1239" },
        save: true,
      });
      await atPayme("cards.get_verify_code", { token: card.token });
      return (await atPayme("cards.verify", { token: card.token, code: "666666" })).card.token;
    },
    knows: async (token: string) => (await atPayme("cards.check", { token })).card?.verify === true,
  };
}

it("the demo knows its subscription, the card and its seal after a restart, a kill too", async () => {
  const folder = temporaryFolder();
  const first = await start(folder);
  const page = asPage(first);
  const token = await page.savedCard();
  expect(await page.call("POST", "/tariffs/1/subscribe", { token, consent })).toMatchObject({ outcome: "active" });
  // The mock's own notification of the charge comes, too.
  await expect.poll(() => readFileSync(join(folder, "wedy.db.payme.json"), "utf8")).toContain(token);
  const key = readFileSync(join(folder, "wedy.db.seal-key"), "utf8");
  await first.stop("SIGKILL");

  const second = await start(folder);
  const after = asPage(second);
  expect(readFileSync(join(folder, "wedy.db.seal-key"), "utf8")).toBe(key);
  expect(await after.call("GET", "/users/me/subscription")).toMatchObject({ subscription: { state: "ACTIVE" } });
  expect(await after.knows(token)).toBe(true);
  const again = await after.call("POST", "/tariffs/1/subscribe", { token: await after.savedCard(), consent });
  expect(again).toMatchObject({ outcome: "active" });
  // The card of before is opened with the kept key, and forgotten at Payme.
  expect(await after.knows(token)).toBe(false);
  expect(await after.call("DELETE", "/users/me/subscription")).toMatchObject({
    subscription: { cancel_at_period_end: true },
  });
  expect(await second.stop()).toBe(0);
  for (const output of [first.output(), second.output()]) {
    expect(output).not.toContain(token);
    expect(output).not.toContain(key);
    expect(output).not.toContain("could not");
  }
  const log = readdirSync(folder).filter((name) => name.endsWith(".log"));
  expect(log.map((name) => readFileSync(join(folder, name), "utf8").includes(token))).toEqual([false]);
});

it("the demo renews a tariff when its mock's console passes a month, and knows the month after a restart", async () => {
  const folder = temporaryFolder();
  const server = await start(folder);
  const page = asPage(server);
  await page.call("POST", "/tariffs/1/subscribe", { token: await page.savedCard(), consent });
  const periodEnd = async ({ call }: typeof page) =>
    Date.parse((await call("GET", "/users/me/subscription")).subscription.current_period_end);
  const first = await periodEnd(page);
  const { cards } = await page.call("GET", "/demo/token");
  const month = new URLSearchParams({ action: "pass_month" });
  await fetch(`${cards.api_url}/console`, { method: "POST", body: month });
  await expect.poll(() => periodEnd(page), { timeout: 20_000 }).toBe(first + 30 * 86_400_000);
  const paid = await page.call("POST", "/tariffs/1/purchase");
  expect(paid).toMatchObject({ success: true });
  await server.stop();

  const later = await start(folder);
  const user = await asPage(later).call("GET", "/users/me");
  expect(Date.parse(user.tariff_expires_at)).toBe(first + 30 * 86_400_000);
});

it("the demo by checkout links saves no card", async () => {
  const page = asPage(await start(temporaryFolder(), { PAYME_FLOW: "link" }));
  expect(await page.call("GET", "/demo/token")).toMatchObject({ cards: null });
  expect(await page.call("GET", "/users/me/subscription")).toMatchObject({ data: { error_code: "NOT_FOUND" } });
});

it("a start without SEAL_KEY says what is off; a wrong one ends the start, and is not repeated", async () => {
  const server = await start(temporaryFolder(), REAL);
  expect(server.output()).toContain("SEAL_KEY is not set: no card is saved");
  const { code, output } = await startInVain(temporaryFolder(), { ...REAL, SEAL_KEY: "planted-seal-key" });
  expect(code).toBe(1);
  expect(output).toContain("- SEAL_KEY must be 32 bytes in base64; make one: openssl rand -base64 32");
  expect(output).not.toContain("planted");
});
