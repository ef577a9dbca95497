import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { type Alert, describeWithPromtool, evaluate, RULES } from "./promtool";
import { openStagedShop, type StagedShop } from "./staged-shop";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** The trouble begins at this minute, and the scrapes end at the other one. */
const [BEGIN, END] = [6, 45];

const text = readFileSync(RULES, "utf8");
const rules = [
  ...text.matchAll(/alert: (\w+)[\s\S]*?labels: \{ severity: (\w+) \}\n *annotations:\n *summary: (.*)/g),
].map(([, name = "", severity = "", summary = ""]) => ({ name, severity, summary }));
const names = rules.map(({ name }) => name);

interface Trouble {
  readonly alert: string;
  readonly trouble: string;
  /** Further labels of the alert. */
  readonly labels?: Readonly<Record<string, string>>;
  /** How long a scrape waits for the books. */
  readonly patienceMs?: number;
  /** Before the first scrape. */
  prepare?(shop: StagedShop): Promise<unknown>;
  /** Once, at its beginning. */
  begin?(shop: StagedShop): unknown;
  /** In each minute of it. */
  everyMinute?(shop: StagedShop, minute: number): Promise<unknown>;
  /** What buyers do meanwhile. Default: they buy, pay, and the gateway notifies at once. */
  buy?(shop: StagedShop): Promise<unknown>;
}

async function buyAndPay(shop: StagedShop): Promise<string> {
  const id = (await shop.order()) ?? "none";
  await shop.pay(id);
  return id;
}
const buy = async (shop: StagedShop) => shop.tell(await buyAndPay(shop));
const instance = { instance: "shop:8000", job: "payme" };

const TROUBLES: readonly Trouble[] = [
  {
    alert: "PaymePaymentFailures",
    trouble: "the amount of every tenth order is one that Payme does not take",
    async everyMinute({ mock, order }, minute) {
      if (minute % 3 !== 0) return;
      mock.faults.add({ method: "receipts.create", kind: "rpc_error", code: -31611, message: "limit", times: 1 });
      expect(await order()).toBeUndefined();
    },
  },
  {
    alert: "PaymeNotificationsLate",
    trouble: "each notification comes ten minutes after the payment",
    async buy(shop) {
      await shop.tell(await buyAndPay(shop), { agoMs: 10 * MINUTE });
    },
  },
  {
    alert: "PaymeNotificationsLate",
    trouble: "no notification comes: we find each payment by asking",
    prepare: async () => {},
    buy: buyAndPay,
  },
  {
    alert: "PaymeApiErrors",
    trouble: "Payme answers 502 to every question, and buyers wait",
    async begin(shop) {
      for (let n = 0; n < 5; n += 1) await shop.order();
      shop.mock.faults.add({ method: "receipts.check", kind: "http_status", status: 502 });
    },
  },
  {
    alert: "PaymeDatabaseAway",
    trouble: "the database refuses connections",
    labels: instance,
    begin: ({ troubles }) => Object.assign(troubles, { isDatabaseAway: true }),
  },
  {
    alert: "PaymeDatabaseAway",
    trouble: "the database takes connections, and does not answer",
    labels: instance,
    patienceMs: 100,
    begin: ({ troubles }) => Object.assign(troubles, { isDatabaseStalled: true }),
  },
  {
    alert: "PaymeIncident",
    trouble: "another amount came",
    labels: { kind: "amount_mismatch" },
    async begin(shop) {
      await shop.tell((await shop.order()) ?? "", { amount: 999_950 });
    },
  },
  {
    alert: "PaymeRefundStuck",
    trouble: "a refund is queued at Payme for over two days",
    async prepare(shop) {
      const id = await buyAndPay(shop);
      await shop.tell(id);
      const refund = await shop.request("POST", `/payme/cancel-payment/${id}`, { token: shop.adminToken });
      expect(refund.body).toMatchObject({ data: { refund: "queued" } });
      // It is looked at now, and then at 50 hours and 4 minutes.
      await shop.clock.advance(47 * HOUR);
      await shop.work();
      await shop.clock.advance(2 * HOUR + 50 * MINUTE);
    },
  },
  {
    alert: "PaymeReconcileLag",
    trouble: "the worker does not ask Payme",
    async begin(shop) {
      shop.troubles.isReconcileStopped = true;
      await shop.order();
    },
  },
  {
    alert: "PaymeSystemErrors",
    trouble: "the shop cannot look up orders",
    async everyMinute({ call, troubles }, minute) {
      troubles.isFindBroken = minute % 2 === 0;
      if (troubles.isFindBroken) await call("CheckPerformTransaction", { amount: 1, account: { order_id: "1" } });
      troubles.isFindBroken = false;
    },
  },
  {
    alert: "PaymeClockSkew",
    trouble: "this machine's clock is ten minutes ahead of Payme's",
    begin: (shop) => shop.sellByMerchant({ agoMs: 10 * MINUTE }),
  },
  {
    alert: "PaymeOutboxOld",
    trouble: "the receiver of messages is down",
    async begin({ storage, outbox, troubles }) {
      troubles.isReceiverDown = true;
      await storage.transaction((tx) => outbox.add({ kind: "tariff.activated", subject: "user:1", data: {} }, tx));
    },
  },
];

const HEALTH: Trouble = { alert: "none", trouble: "none" };

/** Scrapes of each minute, of a server that sells. */
async function scrapesOf(trouble: Trouble): Promise<string[]> {
  const shop = await openStagedShop(trouble);
  await trouble.prepare?.(shop);
  const scrapes: string[] = [];
  for (let minute = 0; minute <= END; minute += 1) {
    const isOn = minute >= BEGIN;
    // What it learns of a payment by asking comes after the notification, as in life.
    if (minute % 2 === 0) await (isOn || trouble.prepare !== undefined ? (trouble.buy ?? buy) : buy)(shop);
    if (minute % 5 === 0) await shop.sellByMerchant();
    if (minute === BEGIN) await trouble.begin?.(shop);
    if (isOn) await trouble.everyMinute?.(shop, minute);
    await shop.work();
    scrapes.push(await shop.scrape());
    await shop.clock.advance(MINUTE);
  }
  return scrapes;
}

describeWithPromtool("the rules of examples/express-wedy/ops", () => {
  it("have a trouble of their own each", () => {
    expect(names.length).toBeGreaterThanOrEqual(10);
    expect([...new Set(TROUBLES.map(({ alert }) => alert))]).toEqual(names);
  });

  it("none fires in health", { timeout: 180_000 }, async () => {
    const scrapes = await scrapesOf(HEALTH);
    evaluate(
      scrapes,
      names,
      [5, 20, 35, END].map((minute) => ({ minute, firing: {} })),
    );
    // So this test can fail.
    const firing = { PaymeIncident: [] as readonly Alert[] };
    const broken = scrapes.map((scrape) => scrape.replace(/(payme_open_incidents.*) 0/, "$1 1"));
    expect(() => evaluate(broken, names, [{ minute: END, firing }])).toThrow("PaymeIncident");
  });

  it.each(TROUBLES)("$alert alone fires where $trouble", { timeout: 180_000 }, async (trouble) => {
    const rule = rules.find(({ name }) => name === trouble.alert);
    const exp_labels = { severity: rule?.severity ?? "", ...trouble.labels };
    const alert = { exp_labels, exp_annotations: { summary: rule?.summary ?? "" } };
    const scrapes = await scrapesOf(trouble);
    evaluate(scrapes, names, [
      { minute: trouble.prepare === undefined ? BEGIN - 1 : 0, firing: {} },
      { minute: END, firing: { [trouble.alert]: [alert] } },
    ]);
    const others = names.filter((name) => name !== trouble.alert);
    evaluate(
      scrapes,
      others,
      [12, 20, 30].map((minute) => ({ minute, firing: {} })),
    );
  });
});
