import type { INestApplication } from "@nestjs/common";
import { afterEach, describe, expect, it } from "vitest";
import { expressMerchant } from "../../src/entry/express";
import { createShop } from "../merchant/shop";
import { codeOf } from "./edge-contract";
import { nestApplication } from "./nest-application";
import { authorization, send } from "./send";

const body = JSON.stringify({ method: "CheckTransaction", params: { id: "a" }, id: 7 });
let app: INestApplication | undefined;

afterEach(() => app?.close());

async function start(): Promise<string> {
  const { merchant } = createShop();
  app = await nestApplication();
  app.use("/payme", expressMerchant(merchant));
  await app.listen(0, "127.0.0.1");
  return app.getUrl();
}

describe("the endpoint in Nest", () => {
  it("is outside the prefix, and outside what refuses everybody else", async () => {
    const url = await start();
    const order = { headers: { authorization, "content-type": "application/json" }, body: '{"what":"ever"}' };
    expect(await send(`${url}/api/orders`, order)).toMatchObject({ status: 401, text: '{"filtered":true}' });
    expect(codeOf(await send(`${url}/payme`, { headers: { authorization }, body }))).toBe(-31003);
    expect(await send(`${url}/api/payme`, { headers: { authorization }, body })).toMatchObject({ status: 404 });
  });

  it("comes before Nest's body parser, so that Payme is never told 400", async () => {
    const url = await start();
    const broken = { headers: { authorization, "content-type": "application/json" }, body: "{" };
    expect(await send(`${url}/api/orders`, broken)).toMatchObject({ status: 400 });
    expect(codeOf(await send(`${url}/payme`, broken))).toBe(-32700);
  });
});
