import { som } from "../../../src/kit/money";
import { AMOUNT, DAY, type FaultyShop, MINUTE, USER } from "./faulty-shop";

/** One call whose statements are made to fail, one after the other. */
export interface Operation {
  readonly title: string;
  /** How it ends where nothing fails: the payments by status and source, and what its repeat is answered. */
  readonly ends: string;
  /** Brings the shop to where the call is made; gives the call. Made again, it is the repeat. */
  open(shop: FaultyShop): Promise<() => Promise<unknown>>;
  /** What comes after it in the life of the shop, before the books are judged. */
  after?(shop: FaultyShop): Promise<unknown>;
}

const payAll = (shop: FaultyShop) => shop.payAllAtPayme();

const ofPayments: readonly Operation[] = [
  {
    title: "payments.create",
    ends: "PAID receipt 1; done",
    open: async (shop) => () => shop.order(),
    after: payAll,
  },
  {
    title: "payments.create, of what is open already",
    ends: "PAID receipt 1; done",
    async open(shop) {
      await shop.order();
      return () => shop.order();
    },
    after: payAll,
  },
  {
    title: "recordPaid",
    ends: "PAID gateway 1; done",
    async open(shop) {
      const report = shop.paid(await shop.order());
      return () => shop.payments.recordPaid(report);
    },
  },
  {
    title: "recordPaid again",
    ends: "PAID receipt 1; done",
    async open(shop) {
      const report = shop.paid(await shop.order());
      await shop.payments.recordPaid({ ...report, source: "receipt" });
      return () => shop.payments.recordPaid({ ...report, chequeId: "cheque-1" });
    },
  },
  {
    title: "recordPaid, of another amount",
    ends: "PENDING null 1; done",
    async open(shop) {
      const report = shop.paid(await shop.order(), { amount: som(1) });
      return () => shop.payments.recordPaid(report);
    },
  },
  {
    title: "recordPaid, of a payment that was closed",
    ends: "CANCELLED null 1; done",
    async open(shop) {
      const order = await shop.order();
      await shop.payments.cancel(order.id);
      return () => shop.payments.recordPaid(shop.paid(order));
    },
  },
  {
    title: "recordPaid, of an id that nobody knows",
    ends: "no payment; done",
    open: async (shop) => () =>
      shop.payments.recordPaid({ paymeId: "f".repeat(24), amount: AMOUNT, paidAt: shop.now(), source: "gateway" }),
  },
  {
    title: "recordCancelled, before it was paid",
    ends: "CANCELLED null 1; done",
    async open(shop) {
      const { transactionId } = await shop.order();
      return () => shop.payments.recordCancelled(cancelled(shop, transactionId));
    },
  },
  {
    title: "recordCancelled, a refund",
    ends: "CANCELLED gateway 1; done",
    async open(shop) {
      const order = await shop.order();
      await shop.payments.recordPaid(shop.paid(order));
      return () => shop.payments.recordCancelled(cancelled(shop, order.transactionId));
    },
  },
  {
    title: "payments.cancel, before it was paid",
    ends: "CANCELLED null 1; done",
    async open(shop) {
      const { id } = await shop.order();
      return () => shop.payments.cancel(id);
    },
  },
  {
    title: "payments.refund",
    ends: "CANCELLED gateway 1; done",
    async open(shop) {
      const order = await shop.order();
      await shop.payAtPayme(order);
      await shop.payments.recordPaid(shop.paid(order));
      return () => shop.payments.refund(order.id);
    },
  },
  {
    title: "payments.check, of what is held at Payme",
    ends: "PENDING null 1; done",
    async open(shop) {
      const order = await shop.payments.create({ reference: "order:1", amount: AMOUNT, hold: true });
      await shop.payAtPayme(order);
      return () => shop.payments.check(order.id);
    },
  },
  {
    title: "payments.capture",
    ends: "PAID receipt 1; done",
    async open(shop) {
      const { id } = await shop.held();
      return () => shop.payments.capture(id);
    },
  },
  {
    title: "payments.release",
    ends: "CANCELLED null 1; done",
    async open(shop) {
      const { id } = await shop.held();
      return () => shop.payments.release(id);
    },
  },
  {
    title: "payments.check, of what was paid at Payme",
    ends: "PAID receipt 1; done",
    async open(shop) {
      const order = await shop.order();
      await shop.payAtPayme(order);
      return () => shop.payments.check(order.id);
    },
  },
  {
    title: "incidents.resolve",
    ends: "PENDING null 1; done",
    async open(shop) {
      await shop.payments.recordPaid(shop.paid(await shop.order(), { amount: som(1) }));
      const [incident] = await shop.payments.incidents.list();
      return () => shop.payments.incidents.resolve(incident?.id ?? 0, { by: "aziza", note: "given back" });
    },
  },
];

const ofReconcile: readonly Operation[] = [
  {
    title: "reconcile, of payments that were paid at Payme",
    ends: "PAID receipt 2; done",
    async open(shop) {
      for (const reference of ["order:1", "order:2"]) await shop.payAtPayme(await shop.order(reference));
      shop.pass(MINUTE);
      return () => shop.payments.reconcile();
    },
  },
  {
    title: "reconcile, of one that was cancelled at Payme",
    ends: "CANCELLED null 1; done",
    async open(shop) {
      const { transactionId } = await shop.order();
      await shop.mock.cancel(transactionId ?? "");
      shop.pass(MINUTE);
      return () => shop.payments.reconcile();
    },
  },
  {
    title: "reconcile, of one that nobody paid for a day",
    ends: "CANCELLED null 1; done",
    async open(shop) {
      await shop.order();
      shop.pass(DAY);
      return () => shop.payments.reconcile();
    },
  },
  {
    title: "reconcile, of one whose receipt was made and never heard of",
    ends: "PAID receipt 1; done",
    async open(shop) {
      shop.mock.faults.add({ method: "receipts.create", kind: "drop_after", times: 1 });
      await shop.order().catch(() => {});
      await shop.payAllAtPayme();
      shop.pass(3 * MINUTE);
      return () => shop.payments.reconcile();
    },
  },
  {
    title: "reconcile, of a refund whose answer was lost",
    ends: "CANCELLED gateway 1; done",
    async open(shop) {
      const order = await shop.order();
      await shop.payAtPayme(order);
      await shop.payments.recordPaid(shop.paid(order));
      shop.mock.faults.add({ method: "receipts.cancel", kind: "drop_after", times: 1 });
      await shop.payments.refund(order.id).catch(() => {});
      shop.pass(3 * MINUTE);
      return () => shop.payments.reconcile();
    },
  },
];

const ofTariffs: readonly Operation[] = [
  {
    title: "tariffs.purchase",
    ends: "PAID receipt 1; done",
    open: async (shop) => () => shop.buy(),
    after: payAll,
  },
  {
    title: "tariffs: a payment activates",
    ends: "PAID gateway 1; done",
    async open(shop) {
      const report = shop.paid(await shop.buy());
      return () => shop.payments.recordPaid(report);
    },
  },
  {
    title: "tariffs: a refund takes back",
    ends: "CANCELLED gateway 1; done",
    async open(shop) {
      const bought = await shop.buy();
      await shop.payments.recordPaid(shop.paid(bought));
      return () => shop.payments.recordCancelled(cancelled(shop, bought.transactionId));
    },
  },
  {
    title: "tariffs.sweep, of one that has ended",
    ends: "PAID gateway 1; done",
    async open(shop) {
      await shop.payments.recordPaid(shop.paid(await shop.buy()));
      shop.pass(31 * DAY);
      return () => shop.tariffs.sweep();
    },
  },
  {
    title: "tariffs.change",
    ends: "no payment; done",
    open: async (shop) => () => shop.tariffs.change(shop.premium.id, { price: som(60_000) }),
  },
  {
    title: "tariffs.addUser",
    ends: "no payment; done",
    open: async (shop) => () => shop.tariffs.addUser(USER),
  },
];

const ofTheMerchantApi: readonly Operation[] = [
  {
    title: "CheckPerformTransaction",
    ends: "PENDING null 1; ok",
    async open(shop) {
      const params = created(shop, (await shop.order()).id);
      return () => shop.call("CheckPerformTransaction", params);
    },
  },
  {
    title: "CreateTransaction",
    ends: "PENDING null 1; 1",
    async open(shop) {
      const params = created(shop, (await shop.order()).id);
      return () => shop.call("CreateTransaction", params);
    },
  },
  {
    title: "CreateTransaction, after one that has expired",
    ends: "PENDING null 1; 1",
    async open(shop) {
      const { id } = await shop.order();
      await shop.call("CreateTransaction", created(shop, id, "payme-0"));
      shop.pass(DAY / 2 + MINUTE);
      const params = created(shop, id);
      return () => shop.call("CreateTransaction", params);
    },
  },
  {
    title: "PerformTransaction",
    ends: "PAID merchant 1; 2",
    async open(shop) {
      await shop.call("CreateTransaction", created(shop, (await shop.order()).id));
      return () => shop.call("PerformTransaction", { id: "payme-1" });
    },
  },
  {
    title: "PerformTransaction, of a tariff",
    ends: "PAID merchant 1; 2",
    async open(shop) {
      await shop.call("CreateTransaction", created(shop, (await shop.buy()).id));
      return () => shop.call("PerformTransaction", { id: "payme-1" });
    },
  },
  {
    title: "PerformTransaction, of a payment that was paid another way",
    ends: "PAID gateway 1; -31008",
    async open(shop) {
      const order = await shop.order();
      await shop.call("CreateTransaction", created(shop, order.id));
      await shop.payments.recordPaid(shop.paid(order));
      return () => shop.call("PerformTransaction", { id: "payme-1" });
    },
  },
  {
    title: "PerformTransaction, after the 12 hours",
    ends: "PENDING null 1; -31008",
    async open(shop) {
      await shop.call("CreateTransaction", created(shop, (await shop.order()).id));
      shop.pass(DAY / 2 + MINUTE);
      return () => shop.call("PerformTransaction", { id: "payme-1" });
    },
  },
  {
    title: "CancelTransaction, before it was performed",
    ends: "PENDING null 1; -1",
    async open(shop) {
      await shop.call("CreateTransaction", created(shop, (await shop.order()).id));
      return () => shop.call("CancelTransaction", { id: "payme-1", reason: 3 });
    },
  },
  {
    title: "CancelTransaction, a refund of a tariff",
    ends: "CANCELLED merchant 1; -2",
    async open(shop) {
      await shop.call("CreateTransaction", created(shop, (await shop.buy()).id));
      await shop.call("PerformTransaction", { id: "payme-1" });
      return () => shop.call("CancelTransaction", { id: "payme-1", reason: 5 });
    },
  },
  {
    title: "CheckTransaction, GetStatement and SetFiscalData",
    ends: "PAID merchant 1; done",
    async open(shop) {
      await shop.call("CreateTransaction", created(shop, (await shop.order()).id));
      await shop.call("PerformTransaction", { id: "payme-1" });
      const fiscalData = { receipt_id: 1, status_code: 0, message: "", terminal_id: "1", fiscal_sign: "1" };
      return async () => [
        await shop.call("CheckTransaction", { id: "payme-1" }),
        await shop.call("GetStatement", { from: 0, to: shop.now() }),
        await shop.call("SetFiscalData", { id: "payme-1", type: "PERFORM", fiscal_data: fiscalData }),
      ];
    },
  },
];

/** Every way in which the books are changed. */
export const operations: readonly Operation[] = [...ofPayments, ...ofReconcile, ...ofTariffs, ...ofTheMerchantApi];

function cancelled(shop: FaultyShop, transactionId: string | null) {
  return { paymeId: transactionId ?? "", cancelledAt: shop.now(), source: "gateway" } as const;
}

function created(shop: FaultyShop, orderId: string, id = "payme-1") {
  return { id, time: shop.now(), amount: AMOUNT, account: { order_id: orderId } };
}
