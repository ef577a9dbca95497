import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, type OutgoingHttpHeaders, request } from "node:http";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { signToken } from "../examples/express-wedy/src/tokens";
import { NO_POSTGRES, startCluster } from "../test/postgres/cluster";
import { freePort } from "../test/wedy/started";

/**
 * Mixed traffic on the Wedy server, in a process of its own: users make payments and look at them, Payme's calls pay them.
 * It finds the rate of sales that holds, holds it while `/metrics` is scraped and `/admin` is open, then asks three times as
 * much, then as much as before. `npm run bench:traffic -- --seconds 60 --database postgres`; `--rate 120` looks for none.
 */
const option = (name: string, fallback: string) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : (process.argv[at + 1] ?? fallback);
};
const SECONDS = Number(option("seconds", "60"));
const ON = option("database", "sqlite");
const RATE = Number(option("rate", "0"));
const STEP_SECONDS = 5;
const OVERLOAD_SECONDS = 15;
/** Where a call of Payme takes longer, calls wait in a line, which grows: the rate does not hold. */
const HOLDS_MS = 100;
/** The same of users, who stand in a line of their own. */
const USERS_MS = 500;
const CALL_LIMIT_MS = 30_000;

const SECRET = "traffic-secret-of-more-than-32-characters";
const KEY = "traffic-test-key-of-36-characters-01";
const PRICE = 50_000;
const root = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

type Kind = "Payme" | "users" | "scrape" | "page";
interface Answer {
  readonly kind: Kind;
  readonly ms: number;
  /** The status, or what went wrong. */
  readonly how: string;
}

const folder = mkdtempSync(join(tmpdir(), "payme-traffic-"));
const cluster = ON === "postgres" ? await startCluster({ fsync: true }).catch(() => undefined) : undefined;
if (ON === "postgres" && cluster === undefined) throw new Error(NO_POSTGRES);
const port = await freePort();
const server = spawn(
  process.execPath,
  ["--import", import.meta.resolve("tsx"), root("examples/express-wedy/src/main.ts")],
  {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      PATH: process.env.PATH,
      TSX_TSCONFIG_PATH: root("tsconfig.json"),
      PORT: String(port),
      PAYME_MERCHANT_ID: "6".repeat(24),
      PAYME_SECRET_KEY: "s".repeat(36),
      PAYME_MERCHANT_TEST_KEY: KEY,
      PAYME_TEST_MODE: "true",
      PAYME_FLOW: "link",
      JWT_SECRET: SECRET,
      LOG_LEVEL: "warn",
      DATABASE_URL: cluster === undefined ? `file:${join(folder, "wedy.db")}` : await cluster.createDatabase(),
    },
  },
);
/** Connections of each kind's own: a call of Payme that waits here for payers would count as the server's time. */
const agents = new Map<Kind, Agent>();
function agentOf(kind: Kind): Agent {
  const agent = agents.get(kind) ?? new Agent({ keepAlive: true, maxSockets: 4_000 });
  agents.set(kind, agent);
  return agent;
}
const authorization = `Bearer ${await signToken({ id: "operator", role: "admin" }, SECRET, 86_400)}`;
const json = { "Content-Type": "application/json" };

/** Sends a request and gives its text. What is not answered counts as an error. */
function send(
  kind: Kind,
  path: string,
  headers: OutgoingHttpHeaders,
  body?: string | FormData,
): Promise<Answer & { text: string }> {
  const begun = performance.now();
  return new Promise((resolve) => {
    const end = (how: string, text = "") => resolve({ kind, ms: performance.now() - begun, how, text });
    const method = body === undefined ? "GET" : "POST";
    const asked = request({ port, host: "127.0.0.1", path, method, agent: agentOf(kind), headers }, (response) => {
      let text = "";
      response.on("data", (piece) => {
        text += piece;
      });
      response.on("end", () => end(String(response.statusCode), text));
      response.on("error", (error) => end(error.message));
    });
    asked.setTimeout(CALL_LIMIT_MS, () => asked.destroy(new Error("no answer")));
    asked.on("error", (error) => end(error.message));
    asked.end(body);
  });
}

async function start(): Promise<number> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if ((await send("users", "/health", {})).how === "200") break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const form = new URLSearchParams({ name: "Month", price: String(PRICE), duration_days: "30" }).toString();
  const headers = { authorization, "Content-Type": "application/x-www-form-urlencoded" };
  const { how, text } = await send("users", "/tariffs", headers, form);
  const id = Number(Object(Object(JSON.parse(text || "null")).tariff).id);
  if (!(id > 0)) throw new Error(`no tariff was made: ${how} ${text}`);
  return id;
}

let sales = 0;

/** A user makes a payment, Payme checks, creates, performs and asks, and the user looks. */
async function sell(tariff: number, note: (answer: Answer) => void): Promise<void> {
  const number = sales++;
  const order = { user_id: `user-${number}`, tariff_id: tariff, amount: PRICE };
  const made = await send("users", "/payme/create-payment", { authorization, ...json }, JSON.stringify(order));
  note(made);
  if (made.how !== "200") return;
  const id = /"(?:payment_id|id)":\s*"([^"]+)"/.exec(made.text)?.[1];
  if (id === undefined) return note({ ...made, how: "no id" });
  const paymeId = number.toString(16).padStart(24, "0");
  const params = { id: paymeId, time: Date.now(), amount: PRICE * 100, account: { order_id: id } };
  const basic = { authorization: `Basic ${Buffer.from(`Paycom:${KEY}`).toString("base64")}`, ...json };
  for (const method of ["CheckPerformTransaction", "CreateTransaction", "PerformTransaction", "CheckTransaction"]) {
    const call = await send(
      "Payme",
      "/payme/merchant",
      basic,
      JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    );
    const code = /"error":\{"code":(-?\d+)/.exec(call.text)?.[1];
    note(code === undefined ? call : { ...call, how: code });
    if (call.how !== "200" || code !== undefined) return;
  }
  note(await send("users", `/payme/check-status/${id}`, { authorization }));
}

/** Begins `rate` sales a second, whatever becomes of the earlier ones, with the scrapes and the page beside. */
async function run(tariff: number, rate: number, seconds: number): Promise<Answer[]> {
  const answers: Answer[] = [];
  const note = (answer: Answer) => void answers.push(answer);
  const open = new Set<Promise<void>>();
  const begin = (work: Promise<void>) => {
    open.add(work);
    work.finally(() => open.delete(work));
  };
  const look = async (kind: Kind, path: string) => note(await send(kind, path, { authorization }));
  const begun = performance.now();
  const timers = [
    setInterval(() => begin(look("scrape", "/metrics")), 5_000),
    setInterval(() => begin(look("page", "/admin?page=today&lang=en")), 2_000),
  ];
  for (let sent = 0; performance.now() - begun < seconds * 1_000; ) {
    const due = Math.floor(((performance.now() - begun) / 1_000) * rate);
    for (; sent < due; sent += 1) begin(sell(tariff, note));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  for (const timer of timers) clearInterval(timer);
  await Promise.all(open);
  return answers;
}

const quantile = (sorted: readonly number[], part: number) => sorted[Math.floor((sorted.length - 1) * part)] ?? 0;

const ofKind = (answers: readonly Answer[], kind: Kind) => answers.filter((answer) => answer.kind === kind);
const isShed = ({ kind, how }: Answer) => kind === "users" && how === "503";
const errorsOf = (answers: readonly Answer[]) => answers.filter((answer) => answer.how !== "200" && !isShed(answer));

/** Within which time half of them were answered, and 99 of 100. */
function times(answers: readonly Answer[]) {
  const sorted = answers.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) };
}

function rssMb(): number {
  const status = readFileSync(`/proc/${server.pid}/status`, "utf8");
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
}

/** The processor's time of the server, in seconds: other work on the machine does not lengthen it. */
function busySeconds(): number {
  const fields = readFileSync(`/proc/${server.pid}/stat`, "utf8").split(" ");
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

let busyBefore = 0;

function print(name: string, answers: readonly Answer[]): void {
  const busy = busySeconds();
  const used = `the server used ${(busy - busyBefore).toFixed(1)} s of a processor, ${rssMb()} MB`;
  busyBefore = busy;
  console.log(`${name}; load ${loadavg()[0]?.toFixed(1)}, ${used}`);
  for (const kind of ["Payme", "users", "scrape", "page"] as const) {
    const own = ofKind(answers, kind);
    const shed = own.filter(isShed);
    const errors = errorsOf(own).map(({ how }) => how);
    const ends = [...new Set(errors)].map((end) => `; ${end}: ${errors.filter((how) => how === end).length}`);
    const told = (some: readonly Answer[]) => {
      const { p50, p99 } = times(some);
      return `${some.length} calls, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
    };
    console.log(`  ${kind.padEnd(6)} ${told(own.filter((answer) => !isShed(answer)))}${ends.join("")}`);
    if (shed.length > 0) console.log(`  shed   ${told(shed)}`);
  }
}

try {
  const tariff = await start();
  const doesHold = (answers: readonly Answer[]) =>
    answers.every(({ how }) => how === "200") &&
    times(ofKind(answers, "Payme")).p99 < HOLDS_MS &&
    times(ofKind(answers, "users")).p99 < USERS_MS;
  await run(tariff, 10, STEP_SECONDS);
  let rate = RATE || 10;
  for (let next = 15; RATE === 0 && next <= 640; next = Math.ceil(next * 1.5)) {
    const answers = await run(tariff, next, STEP_SECONDS);
    console.log(`${next} sales a second: p99 of Payme's calls ${times(ofKind(answers, "Payme")).p99.toFixed(0)} ms`);
    if (!doesHold(answers)) break;
    rate = next;
  }
  const before = rssMb();
  busyBefore = busySeconds();
  const held = await run(tariff, rate, SECONDS);
  print(`${ON}: ${rate} sales a second (6 calls each) for ${SECONDS} s, from ${before} MB`, held);
  const flood = await run(tariff, 3 * rate, OVERLOAD_SECONDS);
  print(`${3 * rate} sales a second for ${OVERLOAD_SECONDS} s`, flood);
  const again = await run(tariff, rate, OVERLOAD_SECONDS);
  print(`${rate} sales a second again`, again);
  const errors = errorsOf([...held, ...flood, ...again]);
  console.log(errors.length === 0 ? "no errors" : `ERRORS: ${errors.length}`);
} finally {
  server.kill("SIGKILL");
  for (const agent of agents.values()) agent.destroy();
  await cluster?.stop();
  rmSync(folder, { recursive: true, force: true });
}
