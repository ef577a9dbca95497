import type { Answer } from "../merchant/shop";
import { answerOf, KEY } from "../merchant/shop";
import type { RacingServers } from "./merchant-servers";

const AMOUNT = 5_000_000;
const AT_ONCE = 16;
const authorization = `Basic ${Buffer.from(`Paycom:${KEY}`).toString("base64")}`;

/** One race for one order; what is wrong afterwards, if anything. */
export type Round = (servers: RacingServers, order: number) => Promise<string | undefined>;

/** The races, each named by what must come of it. */
export const rounds: readonly [string, Round][] = [
  ["16 Creates with different ids on one order: one is accepted", differentIds],
  ["16 Creates with the same id: identical answers", sameId],
  ["16 Performs: one onPaid, identical answers", performs],
  ["Perform against Cancel: one winner, and the books agree with the answers", performAgainstCancel],
];

/** Half with a number, half with text and an extra member: one order all the same. */
async function differentIds(servers: RacingServers, order: number) {
  const answers = await atOnce(servers, (n) => ["CreateTransaction", create(order, `t${order}-${n}`, n)]);
  const accepted = answers.filter(({ result }) => result !== undefined).length;
  const busy = answers.filter(
    ({ error }) => error !== undefined && error.code >= -31099 && error.code <= -31050,
  ).length;
  const live = await liveOf(servers, order);
  const { length: reservations } = await eventsOf(servers, order, "transaction.created");
  const isRight = accepted === 1 && busy === AT_ONCE - 1 && live === 1 && reservations === 1;
  return isRight ? undefined : `${accepted} accepted, ${busy} busy, ${live} live, ${reservations} reserved`;
}

async function sameId(servers: RacingServers, order: number) {
  const params = create(order, `t${order}`, 0);
  const answers = await atOnce(servers, () => ["CreateTransaction", params]);
  const { length: reservations } = await eventsOf(servers, order, "transaction.created");
  const [first] = answers;
  if (areEqual(answers) && first?.result?.state === 1 && reservations === 1) return undefined;
  return `${kindsOf(answers)} different answers, ${reservations} reserved`;
}

async function performs(servers: RacingServers, order: number) {
  await reserve(servers, order);
  const answers = await atOnce(servers, () => ["PerformTransaction", { id: `t${order}` }]);
  const { length: performed } = await eventsOf(servers, order, "transaction.performed");
  const fulfilled = (await servers.shop.order(order))?.fulfilled;
  const [first] = answers;
  if (areEqual(answers) && first?.result?.state === 2 && performed === 1 && fulfilled === 1) return undefined;
  return `${kindsOf(answers)} different answers, fulfilled ${fulfilled} times, ${performed} events`;
}

/** This shop gives no money back, so that a Cancel which comes second is refused. */
async function performAgainstCancel(servers: RacingServers, order: number) {
  await reserve(servers, order);
  const id = `t${order}`;
  // Who is sent first takes turns, and which server.
  const isCancel = (n: number) => (n + order + (n >> 1)) % 2 === 0;
  const answers = await atOnce(servers, (n) =>
    isCancel(n) ? ["CancelTransaction", { id, reason: 3 }] : ["PerformTransaction", { id }],
  );
  const performed = answers.filter(({ result }) => result?.state === 2).length;
  const cancelled = answers.filter(({ result }) => result?.state === -1).length;
  const refused = answers.filter(({ error }) => error?.code === -31007 || error?.code === -31008).length;
  const row = await servers.shop.storage.findTransaction(SCOPE, id);
  const { status, fulfilled } = (await servers.shop.order(order)) ?? {};
  const half = AT_ONCE / 2;
  const isPaid = performed === half && row?.state === 2 && status === "paid" && fulfilled === 1;
  const isFree = cancelled === half && row?.state === -1 && status === "new" && fulfilled === 0;
  if (isPaid !== isFree && refused === half) return undefined;
  return `${performed} performed, ${cancelled} cancelled, ${refused} refused; state ${row?.state}, ${status}, ${fulfilled} fulfilled`;
}

const SCOPE = { cashbox: "default", mode: "live" } as const;

function create(order: number, id: string, n: number) {
  const account = n % 2 === 0 ? { order_id: order } : { order_id: String(order), phone: "998901234567" };
  return { id, time: TIME, amount: AMOUNT, account };
}

const TIME = Date.now();

async function reserve({ urls: [url = ""] }: RacingServers, order: number): Promise<void> {
  await send(url, "CreateTransaction", create(order, `t${order}`, 0));
}

/** Sixteen calls at once, which the servers share; their answers in the order of the calls. */
function atOnce({ urls }: RacingServers, callOf: (n: number) => [string, object]): Promise<Answer[]> {
  return Promise.all(Array.from({ length: AT_ONCE }, (_, n) => send(urls[n % urls.length] ?? "", ...callOf(n))));
}

async function send(url: string, method: string, params: object): Promise<Answer> {
  const body = JSON.stringify({ method, params, id: 7 });
  const response = await fetch(url, { method: "POST", headers: { authorization }, body });
  if (response.status !== 200) throw new Error(`${method} was answered ${response.status}`);
  return answerOf(await response.text());
}

/** How many transactions hold the order, by the statement: what Payme would see. */
async function liveOf({ shop }: RacingServers, order: number): Promise<number> {
  const rows = await shop.storage.listTransactions(SCOPE, { from: TIME, to: TIME, limit: 100_000 });
  return rows.filter((row) => row.reference === String(order) && row.state > 0).length;
}

function eventsOf({ shop }: RacingServers, order: number, kind: string) {
  return shop.storage.listEvents(SCOPE, { subject: String(order), kinds: [kind], limit: 99 });
}

function kindsOf(answers: readonly Answer[]): number {
  return new Set(answers.map((answer) => JSON.stringify(answer))).size;
}

function areEqual(answers: readonly Answer[]): boolean {
  return kindsOf(answers) === 1;
}
