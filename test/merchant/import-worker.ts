import type { ImportedTransaction } from "../../src/entry/merchant";
import { som } from "../../src/kit/money";
import { openShop } from "./shop";
import { sqliteBooks } from "./shop-books";

/** A process of its own that imports open transactions, and may be killed at any moment. */
const [file = "", count = "0"] = process.argv.slice(2);
const books = sqliteBooks(file);
const shop = openShop(
  books,
  {
    async onReserved({ account }, tx) {
      const order = await books.find(tx, account.order_id);
      if (order !== undefined) await books.save(tx, { ...order, fulfilled: order.fulfilled + 1 });
      return order !== undefined;
    },
  },
  Number(count),
);
await shop.ready;
process.send?.("ready");
const rows = Array.from({ length: Number(count) }, (_, index): ImportedTransaction => {
  const id = `t${index + 1}`;
  const time = shop.now() - index;
  const told = { transaction: `ours-${id}`, amount: som(50_000), account: { order_id: index + 1 } };
  return { paymeId: id, reference: index + 1, state: 1, time, createTime: time, ...told };
});
const { imported, same } = await shop.merchant.importTransactions(rows, { batchSize: 20 });
await books.close();
process.send?.(`done ${imported + same}`, () => process.disconnect());
