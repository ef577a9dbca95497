import { describe, expect, it } from "vitest";
import { fetchMerchant } from "../../src/entry/fetch";
import { answerOf, createShop, KEY } from "../merchant/shop";

const authorization = `Basic ${Buffer.from(`Paycom:${KEY}`).toString("base64")}`;
const call = JSON.stringify({ method: "CheckTransaction", params: { id: "a" }, id: 7 });

/** The answer to a body that comes in these chunks, or ends with an error. */
async function answerTo(limitBytes: number, chunks: readonly string[], end: "close" | "error" = "close") {
  const { merchant } = createShop({ limitBytes });
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(Buffer.from(chunk));
      if (end === "close") controller.close();
      else controller.error(new Error("gone"));
    },
  });
  const options = { method: "POST", headers: { authorization }, body, duplex: "half" } as const;
  const request = new Request("https://shop.uz/payme", options);
  return answerOf(await (await fetchMerchant(merchant)(request)).text());
}

describe("a body that fetch reads", () => {
  const halves = [call.slice(0, 9), call.slice(9)];

  it("may have as many bytes as the limit, in any chunks, and no more", async () => {
    expect(await answerTo(call.length, halves)).toMatchObject({ error: { code: -31003 }, id: 7 });
    expect(await answerTo(call.length - 1, halves)).toMatchObject({ error: { code: -32600 } });
  });

  it("whose sender goes away is no JSON", async () => {
    expect(await answerTo(1_000, halves, "error")).toMatchObject({ error: { code: -32700 } });
  });

  it("that was read before is answered -32400: Payme comes again", async () => {
    const { merchant } = createShop();
    const request = new Request("https://shop.uz/payme", { method: "POST", headers: { authorization }, body: call });
    await request.text();
    const response = await fetchMerchant(merchant)(request);
    expect(answerOf(await response.text())).toMatchObject({ error: { code: -32400 } });
  });
});

it("a long statement comes as a stream, whole, and may be cancelled", async () => {
  const shop = createShop();
  await shop.ready;
  const params = { from: 0, to: shop.now() + 1 };
  const body = JSON.stringify({ method: "GetStatement", params, id: 7 });
  const ask = () =>
    fetchMerchant(shop.merchant)(new Request("https://shop.uz", { method: "POST", headers: { authorization }, body }));
  await shop.call("CreateTransaction", shop.create("a"));
  expect(answerOf(await (await ask()).text())).toMatchObject({ result: { transactions: [{ id: "a" }] }, id: 7 });
  await expect((await ask()).body?.cancel()).resolves.toBeUndefined();
});
