import { describe, expect, it, onTestFinished } from "vitest";
import { refusal } from "../../merchant/refusal";
import { openShop } from "../../merchant/shop";
import { memoryBooks, postgresBooks, sqliteBooks } from "../../merchant/shop-books";
import { databaseUrl, describeOnPostgres, newSchema, openPool } from "../../postgres/database";
import { temporaryFolder } from "../../storage/kits";
import { onEachStorage } from "./on-each-storage";

const HINT = "find only reads: do the write in a hook; locks belong in onReserved";

onEachStorage("CheckPerformTransaction", (open) => {
  it("of one order is answered while the onPaid of another is still running", async () => {
    const order: string[] = [];
    let [begun, finish] = [() => {}, () => {}];
    const running = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const checked = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const shop = await open({
      async onPaid() {
        begun();
        // A Check that waits for this hook would wait until the hook gives up.
        const late = setTimeout(finish, 3_000);
        await checked;
        clearTimeout(late);
        order.push("onPaid");
        return true;
      },
    });
    await shop.call("CreateTransaction", shop.create("a"));
    const performing = shop.call("PerformTransaction", { id: "a" });
    await running;
    const second = shop.create("b", { account: { order_id: 2 } });
    expect(await shop.call("CheckPerformTransaction", second)).toEqual({ result: { allow: true }, id: 7 });
    order.push("Check");
    finish();
    expect(await performing).toMatchObject({ result: { state: 2 } });
    expect(order).toEqual(["Check", "onPaid"]);
  });
});

/** Shops whose find writes, each in the way of its storage, and what the books of its orders say then. */
function memoryShop() {
  const books = memoryBooks();
  return openShop(books, {
    async find({ order_id }, tx) {
      const order = await books.find(tx, order_id);
      if (order === undefined) throw new Error("the order is missing");
      await books.save(tx, { ...order, status: "reserved" });
      return { reference: order.id, amount: order.amount };
    },
  });
}

function sqliteShop(statement: string, way: "run" | "all" | "exec") {
  const { file, remove } = temporaryFolder();
  const books = sqliteBooks(file);
  onTestFinished(async () => {
    await books.close();
    remove();
  });
  return openShop(books, {
    async find({ order_id }, tx) {
      if (way === "exec") tx.exec(statement);
      else tx.prepare(statement)[way]();
      const order = await books.find(tx, order_id);
      if (order === undefined) throw new Error("the order is missing");
      return { reference: order.id, amount: order.amount };
    },
  });
}

async function postgresShop(statement: string) {
  const pool = openPool(await databaseUrl());
  onTestFinished(() => pool.end());
  const schema = newSchema();
  const books = postgresBooks(pool, schema);
  return openShop(books, {
    async find({ order_id }, tx) {
      await tx.query(statement.replace("orders", `${schema}.orders`));
      const order = await books.find(tx, order_id);
      if (order === undefined) throw new Error("the order is missing");
      return { reference: order.id, amount: order.amount };
    },
  });
}

/** Check is a system error with the hint in the log, and nothing is written; Create runs find where a hook may write. */
async function refusesInCheckOnly(shop: Pick<ReturnType<typeof openShop>, "call" | "create" | "lines" | "order">) {
  expect(await shop.call("CheckPerformTransaction", shop.create("a"))).toEqual(refusal(-32400));
  expect(shop.lines.filter((line) => line.includes(HINT))).toHaveLength(1);
  expect((await shop.order())?.status).toBe("new");
  expect(await shop.call("CreateTransaction", shop.create("a"))).toMatchObject({ result: { state: 1 } });
}

const WRITE = "UPDATE orders SET status = 'reserved' WHERE id = 1";

describe("a find that writes", () => {
  it("is refused in Check on memory", () => refusesInCheckOnly(memoryShop()));

  it.each([
    ["run", WRITE],
    ["all", `${WRITE} RETURNING id`],
    ["exec", WRITE],
    ["exec", "SAVEPOINT mine; RELEASE mine"],
  ] as const)("is refused in Check on SQLite: %s, %s", (way, statement) =>
    refusesInCheckOnly(sqliteShop(statement, way)),
  );
});

describeOnPostgres("a find that writes or locks, on PostgreSQL", () => {
  it.each([WRITE, "SELECT * FROM orders WHERE id = 1 FOR UPDATE", "SELECT * FROM orders WHERE id = 1 FOR SHARE"])(
    "is refused in Check: %s",
    async (statement) => refusesInCheckOnly(await postgresShop(statement)),
  );
});
