// A shop as its owner would write it, the same for every runtime.
import {
  checkoutUrl,
  createMerchantApi,
  createPaymeClient,
  createPayments,
  memoryStorage,
  parseWebhook,
  refuse,
  signPayload,
  som,
  verifySignature,
} from "payme-kit";
import { createMockPayme, signTestWebhook } from "payme-kit/testing";

const PRICE = som(50_000);
const SECRET = "a-secret-of-the-gateway";

/** What the kit does without a server: links, signatures, notifications, a client against a Payme in memory. */
export async function core() {
  const body = '{"amount":5000000}';
  const { body: notice, headers } = signTestWebhook({ secret: SECRET });
  const mock = createMockPayme();
  const { merchantId, key, fetch } = mock;
  const client = createPaymeClient({ merchantId, key, mode: "test", fetch });
  const fulfilled = [];
  const onPaid = ({ reference }) => fulfilled.push(reference) === 1;
  const payments = createPayments({ storage: memoryStorage(), client, onPaid });
  const { id, transactionId } = await payments.create({ reference: "197", amount: PRICE });
  await mock.pay(transactionId, { card: { number: "8600495473316478", expire: "03/99" } });
  return {
    link: checkoutUrl({ merchantId: "65a0b0000000000000000001", account: { order_id: 197 }, amount: PRICE }),
    signature: signPayload(body, SECRET),
    verified: verifySignature(body, signPayload(body, SECRET), SECRET),
    forged: verifySignature(body, signPayload(body, "another"), SECRET),
    event: parseWebhook(notice, headers, { secret: SECRET }).type,
    status: (await payments.check(id)).status,
    fulfilled,
  };
}

/** An endpoint whose hooks write rows of the shop's own through `tx`: each order from 1 to 99 is there and new. */
export function createShop({ storage, add, key }) {
  return createMerchantApi({
    storage,
    key,
    account: { order_id: "integer" },
    find: ({ order_id: id }) => (id > 0 && id < 100 ? { reference: id, amount: PRICE } : refuse.notFound("order_id")),
    onPaid({ reference }, tx) {
      add(tx, Number(reference));
      return true;
    },
    onRefunded: () => true,
  });
}

/** The books in an SQLite file, with a table of the shop's beside ours. */
export async function sqliteShop(storage, key) {
  await storage.migrate();
  await storage.transaction(async (tx) => tx.exec("CREATE TABLE sold (id INTEGER)"));
  const add = (tx, id) => tx.prepare("INSERT INTO sold VALUES (?)").run(id);
  const credited = (id) => storage.read(async (tx) => tx.prepare("SELECT * FROM sold WHERE id = ?").all(id).length);
  return { merchant: createShop({ storage, add, key }), credited };
}

/** The books in memory. */
export function memoryShop(key) {
  const storage = memoryStorage();
  const times = (tx, id) => tx.table("sold").get(String(id))?.times ?? 0;
  const add = (tx, id) => tx.table("sold").set(String(id), { times: times(tx, id) + 1 });
  return { merchant: createShop({ storage, add, key }), credited: (id) => storage.read(async (tx) => times(tx, id)) };
}
