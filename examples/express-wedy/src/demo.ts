import { randomBytes, randomInt } from "node:crypto";
import { type PaymentRow, som } from "payme-kit";
import type { ReadVerbs } from "payme-kit/adapter";
import type { Tariffs } from "payme-kit/tariffs";
import { createMockPayme } from "payme-kit/testing";
import type { MerchantKeys, WedyConfig } from "./config";
import type { DemoFiles } from "./demo-files";
import { listen } from "./listen";
import { signToken } from "./tokens";

/** What demo mode adds: Payme played by a mock, tokens, and something to sell. */
export interface Demo {
  /** What the client needs to call the mock. */
  readonly payme: { merchantId: string; key: string; auth: "signature"; mode: "test"; apiUrl: string };
  /** The keys with which the mock calls `/payme/merchant`. */
  readonly merchant: MerchantKeys;
  /** Where checkout links lead. */
  readonly checkoutHost: string;
  /** The books of a demo and of real settings never meet, in one database neither. */
  readonly cashbox: string;
  readonly webhookSecrets: readonly string[];
  readonly jwtSecrets: readonly string[];
  readonly sealKeys: readonly string[];
  /** The mock's clock, so that "+1 month" on its console renews a tariff. With links Payme's calls come at the real time. */
  readonly now: () => number;
  /** Where the server is to listen: the mock notifies it there. */
  readonly port: number;
  readonly userId: string;
  readonly adminId: string;
  userToken(): Promise<string>;
  adminToken(): Promise<string>;
  /** Gives a new database tariffs and users; ends payments that an earlier run left open. */
  seed(tariffs: Tariffs, storage: Pick<ReadVerbs, "listPending">): Promise<void>;
  /** What the page shows and does beside the API. */
  desk(tariffs: Tariffs, storage: Pick<ReadVerbs, "listEvents">): DemoDesk;
  close(): Promise<void>;
}

/** Demo mode's part of the page at `/`: a token, the story of a payment, and two ways to try to double it. */
export interface DemoDesk {
  userToken(): Promise<string>;
  /** Where the page turns a card into a token, as a page does at Payme; null in the flow that saves none. */
  readonly cards: { readonly merchantId: string; readonly apiUrl: string } | null;
  story(payment: PaymentRow): Promise<PaymentStory>;
  /** Has the mock send the receipt's last notification again. */
  notifyAgain(payment: PaymentRow): Promise<void>;
  /** Refunds as the demo's admin; what was paid through the Merchant API, as a person in Payme's cabinet. */
  refund(payment: PaymentRow): Promise<void>;
}

/** What happened to a payment, counted from the books themselves. */
export interface PaymentStory {
  /** How often the mock has sent a notification of it. */
  readonly notifications: number;
  /** How often our books recorded it as paid. */
  readonly recorded: number;
  /** How often it gave its tariff. */
  readonly given: number;
  /** Until when the tariff runs that it gave, in ms. */
  readonly activeUntil: number | null;
}

/** A payment is paid the way in which it was made: each has its own books. */
const CASHBOXES = { receipts: "demo", link: "demo-link" };
const USER_ID = "user123";
const ADMIN_ID = "admin";
const TARIFF_KIND = "tariff";
const TOKEN_SECONDS = 24 * 3600;
const MERCHANT_ID = "65a0b0000000000000000001";

/** The price of tariff 1. */
export const CHEAPEST = { som: 50_000, tiyin: som(50_000) };

/** Tariff 1 is the guide's, and the cheapest: it can be bought first, and a dearer one after it. */
const TARIFFS = [
  { name: "Premium Plan", price: CHEAPEST.tiyin, durationDays: 30 },
  { name: "Business", price: som(150_000), durationDays: 90 },
  { name: "Corporate", price: som(500_000), durationDays: 365 },
];

/**
 * Starts the mock with its payment page. How the server hears of a payment is up to the flow: a receipt's is notified, as a
 * gateway does it; a checkout link's comes by the Merchant API.
 */
export async function startDemo(config: WedyConfig, files: DemoFiles): Promise<Demo> {
  const { host, port: wantedPort, mockPort, flow } = config;
  const port = wantedPort === 0 ? await freePort(host) : wantedPort;
  const server = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const jwtSecret = randomBytes(48).toString("base64url");
  const key = randomBytes(24).toString("base64url");
  const merchantKey = randomBytes(27).toString("base64url");
  const way =
    flow === "link"
      ? { billing: { endpoint: `${server}/payme/merchant`, key: merchantKey } }
      : { notify: { url: `${server}/payme/webhook` } };
  // Without its books the mock gives ids that no earlier run has given: payments of it may be in the database.
  const mock = mockWith({ merchantId: MERCHANT_ID, key, seed: randomInt(2 ** 31), ...way }, files.books);
  const clock = flow === "link" ? Date.now : mock.now;
  const userToken = () => signToken({ id: USER_ID, role: "user" }, jwtSecret, TOKEN_SECONDS);
  const sentOf = ({ transactionId }: PaymentRow) =>
    mock.notifications.filter(({ receiptId }) => receiptId === transactionId);
  const { url, close } = await mock.listen({ port: mockPort, host });
  const endFiles = files.keep(mock);
  return {
    payme: { merchantId: MERCHANT_ID, key, auth: "signature", mode: "test", apiUrl: url },
    merchant: { key: [], testKey: flow === "link" ? [merchantKey] : [] },
    checkoutHost: url,
    cashbox: CASHBOXES[flow],
    webhookSecrets: [key],
    jwtSecrets: [jwtSecret],
    sealKeys: config.sealKeys.length > 0 ? config.sealKeys : [files.sealKey],
    now: clock,
    port,
    userId: USER_ID,
    adminId: ADMIN_ID,
    userToken,
    adminToken: () => signToken({ id: ADMIN_ID, role: "admin" }, jwtSecret, TOKEN_SECONDS),
    async seed(tariffs, storage) {
      await seedCatalogue(tariffs);
      for (const userId of [USER_ID, ADMIN_ID]) await tariffs.addUser(userId);
      await endStalePayments(tariffs, storage, { flow, url, before: clock() });
    },
    desk: (tariffs, storage) => ({
      userToken,
      cards: flow === "link" ? null : { merchantId: MERCHANT_ID, apiUrl: url },
      async story(payment) {
        const { id, cashbox, mode, userId } = payment;
        const countOf = async (subject: string, kind: string, isOurs: (data: unknown) => boolean) =>
          (await storage.listEvents({ cashbox, mode }, { subject, kinds: [kind], limit: 1_000 })).filter(({ data }) =>
            isOurs(data),
          ).length;
        const { timetable } = await tariffs.current(userId);
        const periods = timetable.filter(({ grant }) => grant.paymentId === id);
        return {
          notifications: sentOf(payment).flatMap(({ attempts }) => attempts).length,
          recorded: await countOf(id, "payment.paid", () => true),
          given: await countOf(`user:${userId}`, "tariff.activated", (data) => Object(data).payment_id === id),
          activeUntil: periods.length === 0 ? null : Math.max(...periods.map(({ until }) => until)),
        };
      },
      async notifyAgain({ transactionId }) {
        await mock.redeliver(transactionId ?? "");
      },
      async refund({ id, paidBy, paidSource }) {
        if (paidSource === "merchant") await mock.cancel(paidBy ?? "");
        else await tariffs.payments.refund(id);
        // The mock's own notification of it is in before the page looks.
        await mock.flush();
      },
    }),
    async close() {
      await close();
      endFiles();
      mock.reset();
    },
  };
}

/** Books that another version has written are left. */
function mockWith(options: Parameters<typeof createMockPayme>[0], books: string | undefined) {
  try {
    return createMockPayme({ ...options, restore: books });
  } catch (error) {
    if (books === undefined) throw error;
    return createMockPayme(options);
  }
}

async function seedCatalogue(tariffs: Tariffs): Promise<void> {
  const { total } = await tariffs.list({ limit: 1 });
  if (total > 0) return;
  for (const tariff of TARIFFS) await tariffs.create(tariff);
}

/** The mock may come back on another port: a double click would lead nowhere. Subscriptions follow their payments themselves. */
async function endStalePayments(
  { payments }: Tariffs,
  storage: Pick<ReadVerbs, "listPending">,
  { flow, url, before }: { readonly flow: WedyConfig["flow"]; readonly url: string; readonly before: number },
): Promise<void> {
  const scope = { cashbox: CASHBOXES[flow], mode: "test" } as const;
  const pending = await storage.listPending(scope, { before, limit: 1_000 });
  for (const { id } of pending.filter(({ kind }) => kind === TARIFF_KIND)) {
    // It may have been paid just before the end.
    const { status, payUrl } = flow === "link" ? { status: "PENDING", payUrl: null } : await payments.check(id);
    if (status === "PENDING" && !payUrl?.startsWith(`${url}/`)) await payments.cancel(id);
  }
}

async function freePort(host: string): Promise<number> {
  const { port, close } = await listen(() => {}, 0, host);
  await close();
  return port;
}
