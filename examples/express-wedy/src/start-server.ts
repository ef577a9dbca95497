import {
  createPaymeClient,
  createPayments,
  createWorker,
  eventLogger,
  PaymeConfigError,
  type PaymeEvent,
} from "payme-kit";
import { createMetrics } from "payme-kit/prometheus";
import type { Subscriptions } from "payme-kit/subscriptions";
import { createTariffs } from "payme-kit/tariffs";
import { createApp } from "./app";
import { jwtAuthenticate } from "./authenticate";
import type { Database, WedyConfig } from "./config";
import { type Demo, startDemo } from "./demo";
import { openDemoFiles } from "./demo-files";
import { demoGreeting, greeting } from "./greeting";
import { listen } from "./listen";
import { openLogs } from "./logging";
import { checkoutLinks, createMerchant } from "./merchant";
import { createMessages } from "./messages";
import { openBooks } from "./open-books";
import { openSubscriptions, resealCards } from "./open-subscriptions";
import { createTariffSubscriptions } from "./subscriptions";
import { createUsers } from "./users";

/** How long stopping waits for the worker; what is cut off loses nothing. */
const PATIENCE_MS = 5_000;

/** Who presses "+1 month" on the mock's console waits for the renewal. Otherwise it is a minute. */
const DEMO_RENEWALS_MS = 2_000;

/** A server that takes requests. */
export interface RunningServer {
  /** Where it is, as a person would type it. */
  readonly url: string;
  /** What to print once it runs: where it is, and in demo mode tokens and what to try. */
  readonly greeting: string;
  /** In demo mode: the mock and the tokens. */
  readonly demo: Demo | undefined;
  /** Finishes requests in flight, then closes everything. */
  close(): Promise<void>;
}

/** Starts everything that the configuration asks for; without Payme's settings that is demo mode. */
export async function startServer(config: WedyConfig): Promise<RunningServer> {
  const closers: (() => unknown)[] = [];
  const close = async () => {
    // In reverse: what came later leans on what was there before.
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    return await start(config, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(
  config: WedyConfig,
  closers: (() => unknown)[],
  close: () => Promise<void>,
): Promise<RunningServer> {
  const demo = await startDemoFor(config);
  if (demo !== undefined) closers.push(() => demo.close());
  const { payme, webhookSecrets, jwtSecrets, sealKeys, merchant: keys } = demo ?? realSettings(config);
  const { logLevel: level, logFile: file, database, messagesUrl, metricsToken } = config;
  const merchantKeys = [...keys.key, ...keys.testKey];
  const secrets = [
    payme.key,
    ...webhookSecrets,
    ...jwtSecrets,
    ...sealKeys,
    ...merchantKeys,
    ...passwordOf(database),
    ...[messagesUrl, metricsToken].flatMap((secret) => secret ?? []),
  ];
  const logs = await opened("LOG_FILE", async () => openLogs({ level, file, secrets }));
  closers.push(() => logs.close());

  const books = await opened("DATABASE_URL", async () => openBooks(database, logs.payme));
  closers.push(() => books.close());
  const { storage, forPayme, store } = books;
  const { cashbox, now } = demo ?? {};
  const { mode } = payme;
  let subscriptions: Subscriptions | undefined;
  const metrics = createMetrics({ storage, cashbox, mode, now, subscriptions: () => subscriptions });
  const logLine = eventLogger(logs.payme);
  const onEvent = (event: PaymeEvent) => {
    metrics.onEvent(event);
    logLine(event);
  };
  const client = createPaymeClient({ ...payme, cashbox, now, onExchange: logs.exchange, onEvent, logger: logs.payme });
  const link = checkoutLinks(payme.merchantId, payme.mode, demo?.checkoutHost);
  const way = config.flow === "link" ? { payUrl: link, mode } : { client };
  const told = { storage, cashbox, now, mode, url: messagesUrl, logger: logs.payme, onEvent };
  const { outbox, onActivated } = createMessages(told);
  const payments = createPayments({
    storage,
    ...way,
    cashbox,
    now,
    onEvent,
    incidentMessages: true,
    logger: logs.payme,
  });
  const tariffs = createTariffs({ payments, store, onActivated });
  subscriptions = openSubscriptions(tariffs, { sealKeys, flow: config.flow });
  await opened("DATABASE_URL", () => tariffs.migrate(), FOREIGN_TABLES);
  await opened("DATABASE_URL", async () => subscriptions?.migrate());
  await demo?.seed(tariffs, storage);

  const merchant = createMerchant(tariffs, forPayme, keys, logs);
  const app = createApp({
    tariffs,
    merchant,
    subscriptions: subscriptions && createTariffSubscriptions(subscriptions, tariffs),
    // A link is of use only where Payme can call us.
    checkoutLink: merchantKeys.length > 0 ? link : undefined,
    users: createUsers(tariffs),
    authenticate: jwtAuthenticate(jwtSecrets),
    webhookSecrets,
    logs,
    hasRoom: books.hasRoom,
    metrics: { metrics, token: config.metricsToken },
    now,
    trustProxy: config.trustProxy,
    admin: { merchant, outbox, subscriptions },
    demo: demo?.desk(tariffs, storage),
  });
  const everyMs = demo && { "subscriptions.run": DEMO_RENEWALS_MS };
  const worker = createWorker({ merchant, payments, tariffs, subscriptions, outbox, everyMs, logger: logs.payme });
  worker.start();
  closers.push(() => worker.stop({ graceMs: PATIENCE_MS }));
  if (subscriptions !== undefined && sealKeys.length > 1) {
    const resealed = resealCards(subscriptions, logs.payme);
    closers.push(() => resealed);
  }
  const { port, close: stopListening } = await listen(app, demo?.port ?? config.port, config.host);
  closers.push(stopListening);

  const url = `http://${hostName(config.host)}:${port}`;
  for (const warning of config.warnings) logs.server.warn(warning);
  logs.server.info("listening", { url, mode: demo === undefined ? payme.mode : "demo" });
  return { url, greeting: demo === undefined ? greeting(url) : await demoGreeting(url, demo), demo, close };
}

/** Opens what a variable names; where that fails, the variable is what to mend. */
async function opened<T>(variable: string, open: () => Promise<T>, wayOut?: string): Promise<T> {
  try {
    return await open();
  } catch (error) {
    const next = error instanceof PaymeConfigError && wayOut !== undefined ? `. ${wayOut}` : "";
    throw new PaymeConfigError(`${variable} cannot be used: ${reasonsOf(error)}${next}`);
  }
}

/** Tables of these names may be those that the guide prints, with payments in them. */
const FOREIGN_TABLES =
  "Are they the guide's, with payments in them? Then `npm run adopt` moves them in. " +
  "Or name another database, like DATABASE_URL=file:./wedy-2.db";

/** What went wrong, and what was behind it: "the database is not available" alone helps nobody. */
function reasonsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = error.message === "" ? error.name : error.message;
  return error.cause === undefined ? text : `${text} (${reasonsOf(error.cause)})`;
}

function passwordOf(database: Database): string[] {
  const password = "url" in database ? decodeURIComponent(new URL(database.url).password) : "";
  return password === "" ? [] : [password];
}

async function startDemoFor(config: WedyConfig): Promise<Demo | undefined> {
  if (config.payme !== undefined) return undefined;
  return startDemo(config, await opened("DATABASE_URL", async () => openDemoFiles(config.database)));
}

function realSettings({ payme, ...settings }: WedyConfig) {
  if (payme === undefined) throw new Error("readConfig lets no such configuration through");
  return { payme, ...settings };
}

function hostName(host: string): string {
  if (host === "127.0.0.1") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}
