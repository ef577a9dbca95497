import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { createCardClient } from "../../src/client/card-client";
import { PaymeAPIError, PaymeConfigError, PaymeConnectionError } from "../../src/kit/errors";
import { connect, failureOfType, key, merchantId } from "./kit";
import { cards } from "./samples";
import { answering } from "./scripted-server";

const { token } = cards.created;

describe("the card client of a page", () => {
  it("makes, asks and verifies with the cashbox's id alone", async () => {
    const { server } = await connect(answering({ result: { card: cards.verified, sent: true, phone: "9", wait: 1 } }));
    const client = createCardClient({ merchantId, apiUrl: server.url });
    const card = await client.create({ number: "8600 4954 7331 6478", expire: "03/99", save: true });
    await client.getVerifyCode(card.token);
    expect(await client.verify({ token, code: "666666" })).toEqual(cards.verified);
    expect(server.seen.map(({ headers }) => headers["x-auth"])).toEqual([merchantId, merchantId, merchantId]);
    expect(server.seen.map(({ body }) => JSON.parse(body).method)).toEqual([
      "cards.create",
      "cards.get_verify_code",
      "cards.verify",
    ]);
  });

  it("can do nothing else", () => {
    expect(Object.keys(createCardClient({ merchantId })).sort()).toEqual(["create", "getVerifyCode", "verify"]);
  });

  it.each([
    [{ merchantId, key }, /key must not be given/],
    [{ merchantId: "" }, /merchantId/],
    [{ merchantId: `${merchantId}:${key}` }, /merchantId/],
    [{ merchantId, apiUrl: "http://shop.example" }, /apiUrl/],
    [{ merchantId, apiUrl: "checkout" }, /apiUrl/],
    [{}, /merchantId/],
  ])("refuses %j, without repeating a key", async (options, message) => {
    const error = await failureOfType(
      PaymeConfigError,
      (async () => Reflect.apply(createCardClient, undefined, [options]))(),
    );
    expect(error.message).toMatch(message);
    expect(inspect(error)).not.toContain(key);
  });

  it("says of a refusal of the id what it can be, and names no key", async () => {
    const { server } = await connect(
      answering({ error: { code: -32504, message: "Access denied.", data: "invalid_id" } }),
    );
    const client = createCardClient({ merchantId, apiUrl: server.url, mode: "test" });
    const error = await failureOfType(PaymeAPIError, client.getVerifyCode(token));
    expect(error.reason).toBe("auth");
    expect(error.hint).toContain('mode "test"');
    expect(error.hint).not.toContain("key");
  });

  it("a page that is offline learns that nothing was sent", async () => {
    const { server } = await connect(answering({}));
    await server.close();
    const client = createCardClient({ merchantId, apiUrl: server.url });
    await failureOfType(PaymeConnectionError, client.getVerifyCode(token));
  });

  it("tells its exchanges without card, token and code", async () => {
    const { server } = await connect(answering({ result: { card: cards.created } }));
    const told: unknown[] = [];
    const client = createCardClient({
      merchantId,
      apiUrl: server.url,
      onExchange: (exchange) => void told.push(exchange),
    });
    await client.create({ number: "8600495473316478", expire: "0399" });
    await client.verify({ token, code: "123456" });
    expect(told).toHaveLength(2);
    expect(JSON.stringify(told)).not.toMatch(/8600495473316478|Qm9ndXNUb2tlbkZvckRvY3M|123456/);
  });
});

describe("payme-kit/client/browser", () => {
  it("is bundled for a browser, with nothing of Node's in it, and smaller than 45 kB compressed", async () => {
    const { outputFiles, metafile } = await build({
      entryPoints: [new URL("../../src/entry/client/browser.ts", import.meta.url).pathname],
      bundle: true,
      platform: "browser",
      format: "esm",
      minify: true,
      write: false,
      metafile: true,
    });
    const [{ text, contents } = { text: "", contents: new Uint8Array() }] = outputFiles;
    expect(text).toContain("cards.create");
    expect(text).not.toMatch(/\bfrom\s*["']node:|require\(["']node:|\bprocess\.env\b|\bBuffer\./);
    const inputs = Object.keys(metafile.inputs).filter((path) => path.startsWith("src/"));
    expect(inputs.filter((path) => /gateway|charge|receipts|mock/.test(path))).toEqual([]);
    expect(gzipSync(contents).length).toBeLessThan(45_000);
  });
});
