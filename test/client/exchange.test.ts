import { describe, expect, it } from "vitest";
import type { Exchange } from "../../src/protocol/exchange";
import { bareReceipt, connect, read, write } from "./kit";
import { answering, answeringText, resetting, type Script, silent } from "./scripted-server";

async function exchangesOf(script: Script, act: typeof read | typeof write, timeoutMs = 20_000): Promise<Exchange[]> {
  const exchanges: Exchange[] = [];
  let now = 1_000;
  const { client } = await connect(script, {
    onExchange: (exchange) => exchanges.push(exchange),
    now: () => (now += 7),
    timeoutMs,
  });
  await act(client).catch(() => {});
  return exchanges;
}

describe("onExchange", () => {
  it("is told of a call that went well: method, time, what was asked and answered", async () => {
    const exchanges = await exchangesOf(answering({ result: { receipt: bareReceipt } }), write);
    expect(exchanges).toEqual([
      {
        direction: "out",
        method: "receipts.create",
        ms: 7,
        code: null,
        request: { amount: 1_250_000, account: { order_id: 4417 } },
        response: { receipt: bareReceipt },
      },
    ]);
  });

  it("is told of a refusal with Payme's code and error", async () => {
    const error = { code: -31601, message: "no such cashbox" };
    const [exchange] = await exchangesOf(answering({ error }), write);
    expect(exchange).toMatchObject({ code: -31601, response: error });
  });

  it.each([
    ["broken", resetting, undefined],
    ["timeout", silent, 100],
    ["bad_answer", answeringText("<html>"), undefined],
  ])("is told of a call without a usable answer: %s", async (code, script, timeoutMs) => {
    expect(await exchangesOf(script, write, timeoutMs)).toMatchObject([{ code, response: null }]);
  });

  it("is told of each attempt of a read", async () => {
    expect(await exchangesOf(resetting, read)).toHaveLength(3);
  });

  it("changes nothing when it throws: the call goes on and a line is logged", async () => {
    const lines: unknown[] = [];
    const { client } = await connect(answering({ result: { state: 4 } }), {
      onExchange: () => {
        throw new Error("the disk is full");
      },
      logger: { info: () => {}, warn: () => {}, error: (...line) => lines.push(line) },
    });
    expect(await read(client)).toEqual({ state: 4 });
    expect(lines).toEqual([["onExchange failed", { error: "the disk is full" }]]);
  });

  it("changes nothing when it rejects, nor when the logger throws as well", async () => {
    const { client } = await connect(answering({ result: { state: 4 } }), {
      onExchange: async () => {
        throw new Error("later");
      },
      logger: {
        info: () => {},
        warn: () => {},
        error: () => {
          throw new Error("no logger either");
        },
      },
    });
    expect(await read(client)).toEqual({ state: 4 });
  });
});
