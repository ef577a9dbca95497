import { describe, expect, it } from "vitest";
import { PaymeConnectionError, PaymeValidationError } from "../../src/kit/errors";
import { som, tiyin } from "../../src/kit/money";
import type { Receipt } from "../../src/protocol/receipt";
import { connect, failureOf, failureOfType } from "./kit";
import type { Script } from "./scripted-server";

const idOf = (number: number) => number.toString(16).padStart(24, "0");
const receiptsOf = (count: number) =>
  Array.from({ length: count }, (_none, index) => ({ _id: idOf(index), state: 0, amount: som(1) }));

interface Page {
  from: number;
  to: number;
  count: number;
  offset: number;
}

/** A get_all over a list that may change between two pages. */
function listing(list: Receipt[], pages: Page[], onPage: (page: Page) => void = () => {}): Script {
  return (response, { body }) => {
    const page: Page = JSON.parse(body).params;
    pages.push(page);
    const result = list.slice(page.offset, page.offset + page.count);
    response.end(JSON.stringify({ result }));
    onPage(page);
  };
}

async function all(list: AsyncIterable<Receipt>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { _id } of list) ids.push(_id);
  return ids;
}

describe("receipts.list walks a period in bounded pages", () => {
  it.each([0, 1, 49, 50, 51, 137, 1_000])("%i receipts: each once, in Payme's order", async (count) => {
    const pages: Page[] = [];
    const { client } = await connect(listing(receiptsOf(count), pages));
    expect(await all(client.receipts.list({ from: 1_000, to: 2_000 }))).toEqual(
      receiptsOf(count).map(({ _id }) => _id),
    );
    expect(pages.every((page) => page.count === 50 && page.from === 1_000 && page.to === 2_000)).toBe(true);
    expect(pages.length).toBeLessThanOrEqual(Math.floor(count / 45) + 1);
  });

  it("asks for a page only when the one before is used up", async () => {
    const pages: Page[] = [];
    const { client } = await connect(listing(receiptsOf(500), pages));
    let seen = 0;
    for await (const _receipt of client.receipts.list({ from: 0, to: 1 })) {
      seen += 1;
      if (seen === 60) break;
    }
    expect(pages).toHaveLength(2);
  });

  it("a receipt that is new meanwhile, at the front, hides none and repeats none", async () => {
    const list: Receipt[] = receiptsOf(200);
    const { client } = await connect(
      listing(list, [], () => void list.unshift({ _id: idOf(10_000 + list.length), state: 0, amount: tiyin(1) })),
    );
    const ids = await all(client.receipts.list({ from: 0, to: 1 }));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(receiptsOf(200).map(({ _id }) => _id)));
  });

  it.each([1, 5, 20])("%i receipts that leave the period between two pages hide none", async (gone) => {
    const list: Receipt[] = receiptsOf(300);
    const stays = list.slice(60).map(({ _id }) => _id);
    let calls = 0;
    const { client } = await connect(
      listing(list, [], () => {
        calls += 1;
        // Paid just now: Payme rewrites create_time, and the receipt moves out of the period.
        if (calls === 2) list.splice(0, gone);
      }),
    );
    expect(await all(client.receipts.list({ from: 0, to: 1 }))).toEqual(expect.arrayContaining(stays));
  });

  it("ends with an error where every page is the same one: the other side does not heed offset", async () => {
    const page = receiptsOf(50);
    let calls = 0;
    const { client } = await connect((response) => {
      calls += 1;
      response.end(JSON.stringify({ result: page }));
    });
    await failureOfType(PaymeConnectionError, all(client.receipts.list({ from: 0, to: 1 })));
    expect(calls).toBe(22);
  });

  it("refuses a wrong period at once, before anything is iterated", async () => {
    const { client, server } = await connect(listing([], []));
    expect(() => client.receipts.list({ from: 2, to: 1 })).toThrow(PaymeValidationError);
    expect(server.seen).toHaveLength(0);
  });

  it("hands the caller's signal to each page", async () => {
    const { client } = await connect(listing(receiptsOf(200), []));
    const page = new AbortController();
    const walking = (async () => {
      for await (const _receipt of client.receipts.list({ from: 0, to: 1 }, { signal: page.signal })) {
        page.abort(new Error("enough"));
      }
    })();
    expect(String(await failureOf(walking))).toContain("enough");
  });
});
