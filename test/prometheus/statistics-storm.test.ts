import fc from "fast-check";
import { sqlTime } from "payme-kit/adapter";
import { describe, expect, it } from "vitest";
import { ERROR_RATES, SUCCESS_RATE, WEBHOOK_PROCESSING } from "../wedy/guide-blocks";
import { type GuideDatabase, onBoth } from "../wedy/guide-books";
import { openStagedShop, type StagedShop, samplesOf } from "./staged-shop";

const MINUTE = 60_000;

/** What may happen to a shop. */
const DEEDS = {
  order: ({ order }) => order(),
  async refusedOrder({ mock, order }, n) {
    const code = n % 2 === 0 ? -31611 : -31601;
    mock.faults.add({ method: "receipts.create", kind: "rpc_error", code, message: "no", times: 1 });
    await order();
  },
  async paidAndTold({ order, pay, tell }) {
    const id = (await order()) ?? "";
    await pay(id);
    await tell(id);
    await tell(id);
  },
  async paidAndLost({ order, pay }) {
    await pay((await order()) ?? "");
  },
  async anotherAmount({ order, tell }) {
    await tell((await order()) ?? "", { amount: 1_000_100 });
  },
  async refunded({ order, pay, tell, request, adminToken }) {
    const id = (await order()) ?? "";
    await pay(id);
    await tell(id);
    await request("POST", `/payme/cancel-payment/${id}`, { token: adminToken });
  },
  async cancelled({ order, request, adminToken }) {
    await request("POST", `/payme/cancel-payment/${await order()}`, { token: adminToken });
  },
  merchant: ({ sellByMerchant }) => sellByMerchant(),
  async givenBackByMerchant({ sellByMerchant, call }) {
    await call("CancelTransaction", { id: await sellByMerchant(), reason: 5 });
  },
  async later({ clock, work }, n) {
    await clock.advance((1 + (n % 20)) * MINUTE);
    await work();
  },
} satisfies Readonly<Record<string, (shop: StagedShop, n: number) => Promise<unknown>>>;

const names = Object.keys(DEEDS).filter((name): name is keyof typeof DEEDS => name in DEEDS);
const storms = fc.array(fc.record({ deed: fc.constantFrom(...names), n: fc.nat(99) }), {
  minLength: 25,
  maxLength: 40,
});

const numbers = (rows: readonly Readonly<Record<string, unknown>>[]) =>
  rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)])));
const byCode = (rows: readonly Readonly<Record<string, number>>[]) =>
  [...rows].sort((a, b) => Number(a.payme_error_code) - Number(b.payme_error_code));

/** What the guide's three queries say, of the payments of a period where one is given. */
async function guideOf({ ask }: GuideDatabase, period?: string) {
  const within = (sql: string) =>
    period === undefined
      ? sql
      : sql.replace(/FROM payment( WHERE)?/, (_all, and = "") => `FROM payment WHERE ${period}${and && " AND"}`);
  const oneLine = (sql: string) => within(sql.replaceAll(/\s+/g, " "));
  const [rate] = numbers(
    await ask(
      period === undefined ? SUCCESS_RATE : oneLine(SUCCESS_RATE).replace("/ COUNT(*)", "/ NULLIF(COUNT(*), 0)"),
    ),
  );
  const [webhooks] = numbers(await ask(oneLine(WEBHOOK_PROCESSING)));
  return {
    total_payments: rate?.total_payments,
    successful_payments: rate?.successful_payments,
    success_rate: rate?.success_rate,
    ...webhooks,
    error_codes: byCode(numbers(await ask(period === undefined ? ERROR_RATES : oneLine(ERROR_RATES)))),
  };
}

/** The same as `GET /payme/statistics` says it. */
async function routeOf(shop: StagedShop, query = "") {
  const { status, body } = await shop.request("GET", `/payme/statistics${query}`, { token: shop.adminToken });
  expect(status).toBe(200);
  const { total_payments, successful_payments, success_rate, total_webhooks, processed_webhooks, error_codes } = body;
  const codes = byCode(numbers(Array.isArray(error_codes) ? error_codes : []));
  return { total_payments, successful_payments, success_rate, total_webhooks, processed_webhooks, error_codes: codes };
}

describe("after a random storm the guide's queries, /payme/statistics and /metrics say one thing", () =>
  onBoth((open) => {
    it("of all payments, and of those of a period", { timeout: 240_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(storms, fc.nat(100), async (storm, cut) => {
          const database = await open();
          const books = database.openBooks();
          await books.storage.migrate();
          const shop = await openStagedShop({ books, cancelDelayMs: 3 * MINUTE });
          const start = shop.clock.now();
          for (const { deed, n } of storm) await DEEDS[deed](shop, n);
          await shop.clock.advance(10_000);

          const samples = samplesOf(await shop.scrape());
          const sample = (name: string) => samples.get(`payme_${name}`) ?? 0;
          const sumOf = (name: string) =>
            [...samples].reduce((sum, [series, value]) => (series.startsWith(`payme_${name}`) ? sum + value : sum), 0);
          const guide = await guideOf(database);
          expect(await routeOf(shop)).toEqual(guide);
          expect(sumOf("payments{")).toBe(guide.total_payments);
          expect(sample('payments{status="PAID"}')).toBe(guide.successful_payments);
          // The counters saw each of them happen.
          expect(sumOf('payments_total{event="created"')).toBe(guide.total_payments);
          expect(sumOf('payments_total{event="failed"')).toBe(sample('payments{status="FAILED"}'));
          const count = (where: string) =>
            database.ask(`SELECT COUNT(*) AS n, COALESCE(SUM(amount), 0) AS sum FROM ${database.ours} WHERE ${where}`);
          const [paid] = numbers(await count("paid_ms IS NOT NULL"));
          expect({ n: sumOf('payments_total{event="paid"'), sum: sample("paid_tiyin_total") }).toEqual(paid);
          const [back] = numbers(await count("refund = 'done'"));
          expect({ n: sumOf('payments_total{event="refund_done"'), sum: sample("refunded_tiyin_total") }).toEqual(back);
          const [queued] = numbers(await count("refund IN ('queued', 'stuck', 'refused')"));
          expect(sample("refunds_queued")).toBe(queued?.n);

          const at = start + Math.floor(((shop.clock.now() - start) * cut) / 100 / 1_000) * 1_000;
          const time = new Date(at).toISOString();
          const moment = `${database.dialect === "postgres" ? "timestamp " : ""}'${sqlTime(at)}'`;
          for (const [query, period] of [
            [`?from=${time}`, `created_at >= ${moment}`],
            [`?to=${time}`, `created_at < ${moment}`],
          ] as const) {
            expect(await routeOf(shop, query), query).toEqual(await guideOf(database, period));
          }
        }),
        { numRuns: process.env.QUICK ? 1 : 3, endOnFailure: true },
      );
    });
  }));
