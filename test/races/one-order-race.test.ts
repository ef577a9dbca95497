import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { describeOnPostgres, newDatabase, openPool } from "../postgres/database";
import { isPostgres, openAt } from "./databases";
import { type NewDatabase, onEachDatabase } from "./new-database";
import type { OneOrderOptions } from "./one-order-shop";
import { runWorkers } from "./workers";

type WorkerOptions = Omit<OneOrderOptions, "address">;

const answers = z.array(z.object({ created: z.array(z.number()), performed: z.number() }));

/** Two processes, eight transactions each, all for the one order: how many were created, and how many performed. */
async function race(newAddress: NewDatabase, [a, b]: readonly [WorkerOptions, WorkerOptions]) {
  const address = await newAddress();
  const { storage, close } = openAt(address);
  await storage.migrate();
  await close();
  await makeOrders(address);
  const workers = [a, b].map((options, n) => [address, `process${n}`, JSON.stringify(options)]);
  const ended = answers.parse(await runWorkers("./one-order-worker.ts", workers));
  return {
    created: ended.flatMap(({ created }) => created).filter((code) => code === 1).length,
    performed: ended.reduce((sum, { performed }) => sum + performed, 0),
  };
}

async function makeOrders(address: string): Promise<void> {
  const statements = ["CREATE TABLE orders (id BIGINT PRIMARY KEY)", "INSERT INTO orders VALUES (197)"];
  if (isPostgres(address)) {
    const pool = openPool(address);
    for (const sql of statements) await pool.query(sql);
    await pool.end();
  } else {
    const database = new Database(address);
    for (const sql of statements) database.exec(sql);
    database.close();
  }
}

onEachDatabase((newAddress) => {
  const cashboxes = (sharedOrders?: string): [WorkerOptions, WorkerOptions] => [
    { cashbox: "web", sharedOrders, kind: "integer" },
    { cashbox: "bot", sharedOrders, kind: "integer" },
  ];

  it("two cashboxes that share their orders, each in a process: of 16 transactions of one order, one", async () => {
    expect(await race(newAddress, cashboxes("shop"))).toEqual({ created: 1, performed: 1 });
  });

  it("without sharedOrders, each of them sells it", async () => {
    expect(await race(newAddress, cashboxes())).toEqual({ created: 2, performed: 2 });
  });
});

describe("drivers that give an int8 as text and as a bigint", () => {
  const drivers = (careless?: "type"): [WorkerOptions, WorkerOptions] => [
    { kind: "bigint", int8: "text", careless },
    { kind: "bigint", int8: "bigint", careless },
  ];

  describeOnPostgres("in two processes on PostgreSQL", () => {
    it("find one order: of 16 transactions, one", async () => {
      expect(await race(newDatabase, drivers())).toEqual({ created: 1, performed: 1 });
    });

    it("would find two, were the type a part of the reference", async () => {
      expect(await race(newDatabase, drivers("type"))).toEqual({ created: 2, performed: 2 });
    });
  });
});
