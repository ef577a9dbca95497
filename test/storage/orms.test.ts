import { expect, it, onTestFinished } from "vitest";
import { createMerchantApi } from "../../src/entry/merchant";
import { som } from "../../src/kit/money";
import { paymentRow, scope } from "../ledger/rows";
import { describeOnPostgres } from "../postgres/database";
import { stallingProxy } from "../postgres/stalling-proxy";
import { ormKit } from "./orm-kits";
import {
  type AdapterName,
  type AdapterOptions,
  type OpenedAdapter,
  onDrizzle,
  onKysely,
  onPool,
  onPrisma,
  onTypeorm,
} from "./postgres-adapters";

const KEY = "a-key-of-36-characters-0123456789012";
const BUSY = { name: "PaymeStorageError", code: "STORAGE_BUSY" };

/** What holds whoever reaches the database: the suite cannot know how each wraps its errors. */
function rulesOn<Tx>(name: AdapterName, open: (options: AdapterOptions) => Promise<OpenedAdapter<Tx>>): void {
  async function openKit(options: Partial<AdapterOptions> = {}) {
    const kit = await ormKit(name, open, options);
    onTestFinished(() => kit.close());
    await kit.storage.migrate();
    return kit;
  }

  describeOnPostgres(`${name}: the order's row and ours`, () => {
    /** An endpoint whose hook writes the shop's row with the handle that it gets, and then fails where it is told to. */
    async function openShop() {
      const { storage, host } = await openKit();
      const state = { fails: false };
      const merchant = createMerchantApi({
        storage,
        key: KEY,
        account: { order_id: "integer" },
        find: ({ order_id }) => ({ reference: order_id, amount: som(50_000) }),
        logger: { info() {}, warn() {}, error() {} },
        async onPaid({ account }, tx) {
          await host.add(tx, `order-${account.order_id}`);
          if (state.fails) throw new Error("the shop is closed");
          return true;
        },
      });
      async function call(method: string, params: object) {
        const authorization = `Basic ${Buffer.from(`Paycom:${KEY}`).toString("base64")}`;
        const body = JSON.stringify({ id: 1, method, params });
        const reply = await merchant.handle({ method: "POST", headers: { authorization }, body });
        return JSON.parse(String(reply.body));
      }
      const time = Date.now();
      await call("CreateTransaction", { id: "a", time, amount: 5_000_000, account: { order_id: 1 } });
      return { storage, host, call, state };
    }

    it("commit together", async () => {
      const { host, call } = await openShop();
      expect(await call("PerformTransaction", { id: "a" })).toMatchObject({ result: { state: 2 } });
      expect(await host.has("order-1")).toBe(true);
    });

    it("roll back together where the hook throws, and commit when Payme comes again", async () => {
      const { host, call, state } = await openShop();
      state.fails = true;
      expect(await call("PerformTransaction", { id: "a" })).toMatchObject({ error: { code: -32400 } });
      expect(await host.has("order-1")).toBe(false);
      expect(await call("CheckTransaction", { id: "a" })).toMatchObject({ result: { state: 1 } });
      state.fails = false;
      expect(await call("PerformTransaction", { id: "a" })).toMatchObject({ result: { state: 2 } });
      expect(await host.has("order-1")).toBe(true);
    });
  });

  describeOnPostgres(`${name}: a transaction`, () => {
    it("in which the hook swallowed an error of the database is not committed quietly", async () => {
      const { storage, host } = await openKit();
      const swallowing = storage.transaction(async (tx) => {
        await storage.using(tx).addPayment(paymentRow());
        await host.add(tx, "host-1");
        await Promise.resolve(host.add(tx, "host-1")).catch(() => {});
      });
      await expect(swallowing).rejects.toThrow();
      expect(await storage.findPayment(scope, { id: "payment-1" })).toBeUndefined();
      expect(await host.has("host-1")).toBe(false);
    });

    it("that a deadlock ended is run again, and both commit", async () => {
      const { storage, second, bare } = await openKit();
      const other = await second?.();
      if (other === undefined) throw new Error("no second connection");
      await storage.addPayment(paymentRow({ id: "a" }));
      await storage.addPayment(paymentRow({ id: "b" }));
      let runs = 0;
      let holders = 0;
      let meet = () => {};
      const haveMet = new Promise<void>((resolve) => {
        meet = resolve;
      });
      const noteBoth = (each: typeof storage | typeof other, [first, second]: readonly [string, string]) =>
        each.transaction(async (tx) => {
          runs += 1;
          await each.using(tx).noteNotification(scope, first, { at: 1 });
          holders += 1;
          // Each holds its first row before one asks for the other's: however slow the machine is, they meet.
          if (holders === 2) meet();
          await haveMet;
          await each.using(tx).noteNotification(scope, second, { at: 1 });
        });
      await Promise.all([noteBoth(storage, ["a", "b"]), noteBoth(other, ["b", "a"])]);
      expect(runs).toBe(3);
      const noted = await bare.query(
        `SELECT id FROM ${storage.tables.payment} WHERE webhook_received_ms IS NOT NULL ORDER BY id`,
      );
      expect(noted.rows).toEqual([{ id: "a" }, { id: "b" }]);
    });

    it("that takes too long is STORAGE_BUSY and rolled back; what its hook asks of the books later is refused", async () => {
      const { storage, host } = await openKit({ transactionTimeoutMs: 200 });
      let late: Promise<unknown> | undefined;
      const hanging = storage.transaction(async (tx) => {
        await host.add(tx, "host-1");
        await new Promise((resolve) => setTimeout(resolve, 500));
        late = storage
          .using(tx)
          .addPayment(paymentRow())
          .catch((error: unknown) => error);
        await late;
      });
      await expect(hanging).rejects.toMatchObject(BUSY);
      await expect.poll(() => late).toBeDefined();
      expect(await late).toMatchObject({ code: "STORAGE_MISUSE" });
      expect(await host.has("host-1")).toBe(false);
    });
  });

  describeOnPostgres(`${name}: a lost connection`, () => {
    it("is STORAGE_BUSY, and forgotten with the next call", async () => {
      const { storage, url, schema } = await openKit();
      const proxy = await stallingProxy(url);
      onTestFinished(() => proxy.close());
      const through = await open({ url: proxy.url, schema });
      onTestFinished(async () => void (await through.close()));
      const broken = through.storage.transaction(async (tx) => {
        await through.storage.using(tx).addPayment(paymentRow());
        proxy.cut();
        await through.storage.using(tx).addPayment(paymentRow({ id: "payment-2" }));
      });
      await expect(broken).rejects.toMatchObject(BUSY);
      expect(await storage.findPayment(scope, { id: "payment-1" })).toBeUndefined();
      expect((await through.storage.addPayment(paymentRow())).outcome).toBe("applied");
    });

    // TypeORM connects before it gives anything that could be asked.
    it.skipIf(name === "typeorm")("that is never made is STORAGE_BUSY", async () => {
      const url = "postgres://postgres@127.0.0.1:1/none";
      const nowhere = await open({ url, schema: "payme" });
      onTestFinished(async () => void (await nowhere.close()));
      await expect(nowhere.storage.findPayment(scope, { id: "x" })).rejects.toMatchObject(BUSY);
      await expect(nowhere.storage.addPayment(paymentRow())).rejects.toMatchObject(BUSY);
    });
  });
}

rulesOn("pg", onPool);
rulesOn("drizzle", onDrizzle);
rulesOn("kysely", onKysely);
rulesOn("prisma", onPrisma);
rulesOn("typeorm", onTypeorm);
