import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";
import { expect, it, onTestFinished } from "vitest";
import { openShop, paid } from "./shop";

it("no address that a request brings is called, and none becomes a link", async () => {
  // An address inside the network, which nobody outside can reach.
  const inside = createServer((_request, response) => void response.end("{}")).listen(0, "127.0.0.1");
  await once(inside, "listening");
  onTestFinished(() => void inside.close());
  const address = inside.address();
  const host = `127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  let hits = 0;
  inside.on("connection", () => {
    hits += 1;
  });
  const url = `http://${host}/latest/meta-data`;
  const shop = await openShop();
  const { request, notify, buy, adminToken, userToken } = shop;

  const headers = {
    "X-Forwarded-Host": host,
    "X-Forwarded-Proto": "http",
    Origin: url,
    Referer: url,
    "Idempotency-Key": url,
  };
  const id = await buy(2);
  const answers = [
    await request("POST", "/tariffs", { token: adminToken, json: { name: url, price: 1, duration_days: 1 } }),
    await request("POST", "/payme/create-payment", {
      headers,
      json: { user_id: "user123", tariff_id: 1, amount: 10_000, description: url, callback_url: url, return_url: url },
    }),
    await request("POST", "/tariffs/3/purchase", { headers: { ...headers, "Idempotency-Key": `${url}/2` } }),
    await notify(paid(id, 5_000_000, { url, callback_url: url, receipt: { url } })),
    await notify(paid(url, 5_000_000)),
    await notify({ method: url, params: { url } }),
    await request("GET", `/payme/check-status/${encodeURIComponent(url)}`),
    await request("GET", `/?back=${encodeURIComponent(url)}`),
  ];
  // fetch sets the Host itself.
  const [answered] = await once(
    httpRequest(`${shop.url}/tariffs/2/purchase`, {
      method: "POST",
      headers: { Host: host, Authorization: `Bearer ${userToken}` },
    }).end(),
    "response",
  );
  let text = "";
  for await (const chunk of answered) text += String(chunk);
  expect(text).toContain("payment_url");

  const links = [...answers.map((answer) => answer.text), text].flatMap((each) =>
    [...each.matchAll(/"(?:pay_url|payment_url|checkout_url)":"([^"]+)"/g)].map(([, link = ""]) => link),
  );
  expect(links.length).toBeGreaterThan(2);
  for (const link of links) expect(new URL(link).origin).toBe("https://test.paycom.uz");
  expect(answers.map(({ headers: sent }) => sent.get("location"))).toEqual(answers.map(() => null));
  await shop.tariffs.payments.reconcile();
  expect(hits).toBe(0);
  // The count counts.
  await fetch(url);
  expect(hits).toBe(1);
});
