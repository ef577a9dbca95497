import { createHash, timingSafeEqual } from "node:crypto";
import { createMerchantApi, type MemoryTx, type MerchantApi, memoryStorage, som } from "payme-kit";
import { compare, print } from "./compare";

const KEY = "live-key-of-36-characters-0123456789";
const AMOUNT = som(50_000);
const TIME = Date.UTC(2026, 0, 15, 10, 30);
/** An endpoint and its floor start anew after so many payments: what is measured is the work, not the garbage of a day. */
export const PAYMENTS_PER_SHOP = 5_000;

interface Library {
  readonly createMerchantApi: typeof createMerchantApi;
  readonly memoryStorage: typeof memoryStorage;
}

const headers = { authorization: `Basic ${Buffer.from(`Paycom:${KEY}`).toString("base64")}` };

/** A payment's three calls, as Payme writes them. */
const checkOf = (n: number) =>
  `{"method":"CheckPerformTransaction","params":{"amount":${AMOUNT},"account":{"order_id":"${n}"}},"id":${n}}`;
const createOf = (n: number) =>
  `{"method":"CreateTransaction","params":{"id":"t${n}","time":${TIME},"amount":${AMOUNT},"account":{"order_id":"${n}"}},"id":${n}}`;
const performOf = (n: number) => `{"method":"PerformTransaction","params":{"id":"t${n}"},"id":${n}}`;

/** Check, Create and Perform over memory, beside JSON.parse, the key compared, Map reads and writes and JSON.stringify for each call. */
export async function benchMerchantInProcess(): Promise<void> {
  let [ours, floor] = [openShop(), openFloor()];
  let [oursNext, floorNext] = [0, 0];
  const ratio = await compare(
    (times) => {
      for (let n = 0; n < times; n += 1) {
        if (floorNext % PAYMENTS_PER_SHOP === 0) floor = openFloor();
        floor(floorNext++);
      }
    },
    async (times) => {
      for (let n = 0; n < times; n += 1) {
        if (oursNext % PAYMENTS_PER_SHOP === 0) ours = openShop();
        await pay(ours, oursNext++);
      }
    },
  );
  print("Check + Create + Perform over memory, in process", ">= 0.26", ratio);
}

/** An endpoint over memory, of this build of the package or another one. */
export function openShop(library: Library = { createMerchantApi, memoryStorage }): MerchantApi<MemoryTx> {
  return library.createMerchantApi<MemoryTx, { order_id: "integer" }>({
    storage: library.memoryStorage(),
    key: KEY,
    account: { order_id: "integer" },
    now: () => TIME,
    find: ({ order_id }) => ({ reference: order_id, amount: AMOUNT }),
    onPaid({ reference }, tx) {
      tx.table("orders").set(String(reference), { paid: true });
      return true;
    },
  });
}

/** A payment: its three calls. */
export async function pay(merchant: ReturnType<typeof openShop>, n: number): Promise<void> {
  for (const body of [checkOf(n), createOf(n), performOf(n)]) {
    const reply = await merchant.handle({ method: "POST", headers, body });
    if (typeof reply.body !== "string" || !reply.body.startsWith('{"result"')) throw new Error(String(reply.body));
  }
}

interface Row {
  id: string;
  transaction: string;
  create_time: number;
  perform_time: number;
  state: number;
}

function openFloor(): (n: number) => void {
  const expected = digestOf(KEY);
  const transactions = new Map<string, Row>();
  const orders = new Map<string, { id: string; paid: boolean }>();

  function paramsOf(body: string) {
    const credentials = Buffer.from(headers.authorization.slice(6), "base64").toString();
    if (!timingSafeEqual(digestOf(credentials.slice(credentials.indexOf(":") + 1)), expected)) throw new Error("key");
    return JSON.parse(body);
  }

  function check(body: string): string {
    const { params, id } = paramsOf(body);
    if (params.amount !== AMOUNT) throw new Error("the amount");
    if (orders.get(params.account.order_id)?.paid) throw new Error("paid");
    return JSON.stringify({ result: { allow: true }, id });
  }

  function create(body: string): string {
    const { params, id } = paramsOf(body);
    const row = { id: params.id, transaction: `${id}`, create_time: TIME, perform_time: 0, state: 1 };
    transactions.set(params.id, row);
    orders.set(params.account.order_id, { id: params.id, paid: false });
    const { create_time, transaction, state } = row;
    return JSON.stringify({ result: { create_time, transaction, state }, id });
  }

  function perform(body: string): string {
    const { params, id } = paramsOf(body);
    const row = transactions.get(params.id);
    if (row === undefined) throw new Error("the floor lost a transaction");
    const performed = { ...row, perform_time: TIME, state: 2 };
    transactions.set(params.id, performed);
    orders.set(params.id, { id: params.id, paid: true });
    const { perform_time, transaction, state } = performed;
    return JSON.stringify({ result: { transaction, perform_time, state }, id });
  }

  return (n) => {
    for (const answer of [check(checkOf(n)), create(createOf(n)), perform(performOf(n))]) {
      if (!answer.startsWith('{"result"')) throw new Error(answer);
    }
  };
}

function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
