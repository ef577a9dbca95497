import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { getConnInfo } from "@hono/node-server/conninfo";
import { Hono } from "hono";
import { expect, it } from "vitest";
import { fetchMerchant } from "../../src/entry/fetch";
import { createShop } from "../merchant/shop";
import { codeOf } from "./edge-contract";
import { authorization, listen, send } from "./send";

const body = JSON.stringify({ method: "CheckTransaction", params: { id: "a" }, id: 7 });

async function ask(app: Hono): Promise<unknown> {
  const server = createServer(getRequestListener(app.fetch));
  const url = `http://127.0.0.1:${await listen(server)}/payme`;
  const got = await send(url, { headers: { authorization }, body });
  server.closeAllConnections();
  server.close();
  return codeOf(got);
}

it("a middleware of Hono that has read the body is answered -32400, and the owner is told what to do", async () => {
  const { merchant, lines } = createShop();
  const app = new Hono();
  app.use(async (context, next) => {
    await context.req.text();
    await next();
  });
  app.all("/payme", (context) => fetchMerchant(merchant)(context.req.raw));
  expect(await ask(app)).toBe(-32400);
  expect(lines).toEqual([expect.stringContaining("before everything that reads bodies")]);
});

it.each([
  ["127.0.0.1", -31003],
  ["185.234.113.1", -32504],
])("the address that Hono knows is compared with allowFrom: %s", async (allowed, code) => {
  const { merchant } = createShop({ allowFrom: [allowed] });
  const app = new Hono();
  app.all("/payme", (context) =>
    fetchMerchant(merchant)(context.req.raw, { address: getConnInfo(context).remote.address }),
  );
  expect(await ask(app)).toBe(code);
});
