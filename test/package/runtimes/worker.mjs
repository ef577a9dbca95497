// A shop in a worker. Its books are in memory: of one isolate, and lost with it.
import { fetchMerchant } from "payme-kit/fetch";
import { core, memoryShop } from "./shop.mjs";

let shop;

export default {
  async fetch(request, { PAYME_KEY }) {
    shop ??= memoryShop(PAYME_KEY);
    const { pathname } = new URL(request.url);
    if (pathname === "/core") return Response.json(await core());
    const [, id] = /^\/credited\/(\d+)$/.exec(pathname) ?? [];
    if (id !== undefined) return new Response(String(await shop.credited(Number(id))));
    return fetchMerchant(shop.merchant)(request);
  },
};
