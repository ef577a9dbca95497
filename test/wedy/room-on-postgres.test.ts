import { expect, it, onTestFinished, vi } from "vitest";
import { openBooks } from "../../examples/express-wedy/src/open-books";
import { describeOnPostgres, newDatabase } from "../postgres/database";

const silent = { info() {}, warn() {}, error() {} };

describeOnPostgres("on PostgreSQL the line of payers stands", () => {
  it.each([
    { who: "one call of Payme waits for a connection", taker: "forPayme", most: 4 },
    { who: "ten payers wait for a connection", taker: "storage", most: 19 },
  ] as const)("while $who", async ({ taker, most }) => {
    const books = openBooks({ url: await newDatabase() }, silent);
    onTestFinished(() => books.close());
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const take = (count: number) =>
      Array.from({ length: count }, () => books[taker].transaction(() => ended).then(() => undefined));
    const taken = take(most);
    expect(books.hasRoom?.()).toBe(true);
    taken.push(...take(1));
    await vi.waitFor(() => expect(books.hasRoom?.()).toBe(false));
    end();
    await Promise.all(taken);
    expect(books.hasRoom?.()).toBe(true);
  });
});
