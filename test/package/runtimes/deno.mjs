import process from "node:process";
import { fetchMerchant } from "payme-kit/fetch";
import { sqliteStorage } from "payme-kit/sqlite";
import { sqliteShop } from "./shop.mjs";
import { tell } from "./tell.mjs";

const { merchant, credited } = await sqliteShop(sqliteStorage({ file: process.argv[2] }), process.env.PAYME_KEY);
const payme = fetchMerchant(merchant);
const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
  const [, id] = /\/credited\/(\d+)$/.exec(request.url) ?? [];
  return id === undefined ? payme(request) : new Response(String(await credited(Number(id))));
});
await tell(`http://127.0.0.1:${server.addr.port}`);
