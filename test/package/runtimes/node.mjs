import { createServer } from "node:http";
import { nodeMerchant } from "payme-kit/node";
import { sqliteStorage } from "payme-kit/sqlite";
import { sqliteShop } from "./shop.mjs";
import { tell } from "./tell.mjs";

const { merchant, credited } = await sqliteShop(sqliteStorage({ file: process.argv[2] }), process.env.PAYME_KEY);
const payme = nodeMerchant(merchant);
const server = createServer(async (request, response) => {
  const [, id] = /^\/credited\/(\d+)$/.exec(request.url) ?? [];
  if (id === undefined) payme(request, response);
  else response.end(String(await credited(Number(id))));
});
server.listen(0, "127.0.0.1", () => tell(`http://127.0.0.1:${server.address().port}`));
