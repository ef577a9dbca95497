import { fetchMerchant } from "payme-kit/fetch";
import { sqliteStorage } from "payme-kit/sqlite";
import { sqliteShop } from "./shop.mjs";
import { tell } from "./tell.mjs";

const { merchant, credited } = await sqliteShop(sqliteStorage({ file: process.argv[2] }), process.env.PAYME_KEY);
const payme = fetchMerchant(merchant);
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  routes: { "/credited/:id": async ({ params }) => new Response(String(await credited(Number(params.id)))) },
  fetch: (request) => payme(request),
});
await tell(`http://127.0.0.1:${server.port}`);
