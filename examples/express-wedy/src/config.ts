import { isPaymeError, type PaymeConfig, PaymeConfigError, paymeConfigFromEnv } from "payme-kit";
import { demoObstacles } from "./demo-conditions";
import { type Environment, problemLinesOf, settingsReader } from "./settings-reader";

/** What the server runs with, checked. */
export interface WedyConfig {
  /** Payme's side; none in demo mode, where a mock plays it. */
  readonly payme: PaymeConfig | undefined;
  /** Notifications are signed with one of them: the key, and another one while it is changed. Demo mode makes its own. */
  readonly webhookSecrets: readonly string[];
  /** Tokens (HS256) are signed with one of them. Demo mode makes its own. */
  readonly jwtSecrets: readonly string[];
  /** The cashbox's keys for the Merchant API; none: `/payme/merchant` refuses everybody. Demo mode makes its own. */
  readonly merchant: MerchantKeys;
  /** Cards' tokens are sealed with the first, and opened with each. None: no card is saved. Demo mode makes its own. */
  readonly sealKeys: readonly string[];
  /** A token with which Prometheus reads `/metrics`; none: admins alone read it. */
  readonly metricsToken: string | undefined;
  /** How payers pay: a receipt that we make, or the checkout link alone. */
  readonly flow: "receipts" | "link";
  readonly database: Database;
  /** Where activations are told, as JSON by POST; none: in the log. */
  readonly messagesUrl: string | undefined;
  readonly host: string;
  readonly port: number;
  readonly mockPort: number;
  /** How many proxies may set the client's address. */
  readonly trustProxy: number;
  readonly logLevel: string;
  /** None: standard output only. */
  readonly logFile: string | undefined;
  /** What works but is probably not meant; printed at the start. */
  readonly warnings: readonly string[];
}

/** The path of an SQLite file, or the URL of a PostgreSQL database. */
export type Database = { readonly file: string } | { readonly url: string };

/** The keys with which Payme calls us: of each kind none, one, or two while it is changed. */
export interface MerchantKeys {
  readonly key: readonly string[];
  readonly testKey: readonly string[];
}

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"];
const POSTGRES = /^postgres(ql)?:\/\//i;
const SHORTEST_SECRET = 32;

/**
 * Reads every variable of the server. An empty one counts as unset.
 *
 * @throws PaymeConfigError that lists every problem and how to mend it, a line each; it never repeats a secret.
 */
export function readConfig(env: Environment): WedyConfig {
  const read = settingsReader(env);
  const server = {
    database: databaseOf(read),
    messagesUrl: messagesUrlOf(read),
    metricsToken: metricsTokenOf(read),
    host: read.text("HOST") ?? "127.0.0.1",
    port: read.wholeNumber("PORT", { min: 0, max: 65_535, fallback: 8000 }),
    mockPort: read.wholeNumber("MOCK_PORT", { min: 0, max: 65_535, fallback: 8001 }),
    trustProxy: read.wholeNumber("TRUST_PROXY", { min: 0, max: 16, fallback: 0 }),
    logLevel: read.oneOf("LOG_LEVEL", LOG_LEVELS, "info"),
    flow: read.oneOf("PAYME_FLOW", ["receipts", "link"], "receipts") === "link" ? "link" : "receipts",
    logFile: read.text("LOG_FILE") ?? (env.npm_lifecycle_event === "start" ? "app.log" : undefined),
  } as const;
  const sealKeys = readSealKeys(read);
  const { settings, surroundings } = demoObstacles(env);
  if (settings.length === 0 && surroundings.length === 0) {
    const { port, mockPort } = server;
    if (port === mockPort && port !== 0) read.problem("MOCK_PORT", `is ${port}, which PORT is, too; give another`);
    refuse(read.problems);
    return {
      ...server,
      payme: undefined,
      webhookSecrets: [],
      jwtSecrets: [],
      merchant: NO_KEYS,
      sealKeys,
      warnings: [],
    };
  }
  const payme = readPayme(env, read.problems);
  const webhookSecrets = read.withSecond("PAYME_SECRET_KEY");
  const merchant = { key: read.withSecond("PAYME_MERCHANT_KEY"), testKey: read.withSecond("PAYME_MERCHANT_TEST_KEY") };
  const warnings = [...(payme?.warnings ?? []), ...merchantWarnings(merchant, payme)];
  if (sealKeys.length === 0 && server.flow === "receipts") warnings.push(NO_SEAL);
  const jwtSecrets = readJwtSecrets(env, read, warnings);
  // Who set nothing at all may have wanted the demo.
  refuse(read.problems, settings.length === 0 ? surroundings : []);
  return { ...server, payme, webhookSecrets, jwtSecrets, merchant, sealKeys, warnings };
}

type Reader = ReturnType<typeof settingsReader>;

function databaseOf(read: Reader): Database {
  const url = read.text("DATABASE_URL") ?? "file:./wedy.db";
  if (POSTGRES.test(url) && URL.canParse(url)) return { url };
  const file = url.startsWith("file:") ? url.slice("file:".length).replace(/^\/\/(?=\/)/, "") : "";
  if (file === "" || file.startsWith(":") || file.includes("?")) {
    read.problem(
      "DATABASE_URL",
      "must be the path of an SQLite file, like file:./wedy.db, or postgres://user@host/name",
    );
  }
  return { file };
}

function messagesUrlOf(read: Reader): string | undefined {
  const url = read.text("MESSAGES_URL");
  if (url !== undefined && !(/^https?:\/\//i.test(url) && URL.canParse(url))) {
    read.problem("MESSAGES_URL", "must be an http or https address");
  }
  return url;
}

function metricsTokenOf(read: Reader): string | undefined {
  const token = read.text("METRICS_TOKEN");
  if (token !== undefined && !/^[\w.~+/=-]{32,}$/.test(token)) {
    read.problem("METRICS_TOKEN", "must be 32 letters and digits or more; make one: openssl rand -hex 32");
  }
  return token;
}

function readPayme(env: Environment, problems: string[]): PaymeConfig | undefined {
  try {
    return paymeConfigFromEnv(env);
  } catch (error) {
    if (!isPaymeError(error)) throw error;
    problems.push(...problemLinesOf(error.message));
    return undefined;
  }
}

const NO_KEYS: MerchantKeys = { key: [], testKey: [] };

/** Live payments are paid with the live key, test payments with the test key: the other one finds no payment. */
function merchantWarnings({ key, testKey }: MerchantKeys, payme: PaymeConfig | undefined): string[] {
  if (key.length === 0 && testKey.length === 0) {
    return ["neither PAYME_MERCHANT_KEY nor PAYME_MERCHANT_TEST_KEY is set: /payme/merchant answers -32504 to all"];
  }
  const isTest = payme?.mode === "test";
  const [needed, name] = isTest ? [testKey, "PAYME_MERCHANT_TEST_KEY"] : [key, "PAYME_MERCHANT_KEY"];
  const mode = isTest ? "PAYME_TEST_MODE is true" : "PAYME_TEST_MODE is false";
  return needed.length === 0 ? [`${mode} and ${name} is not set: /payme/merchant will find no payment`] : [];
}

function readJwtSecrets(env: Environment, read: Reader, warnings: string[]): string[] {
  if (read.text("JWT_SECRET") === undefined) {
    read.problem(
      "JWT_SECRET",
      `is missing; give ${SHORTEST_SECRET} random characters or more: openssl rand -base64 48`,
    );
  }
  for (const name of ["JWT_SECRET", "JWT_SECRET_ALSO"]) {
    const secret = read.text(name);
    if (secret === undefined || Buffer.byteLength(secret) >= SHORTEST_SECRET) continue;
    const advice = `is shorter than ${SHORTEST_SECRET} bytes, so that tokens can be forged; make one: openssl rand -base64 48`;
    if (env.NODE_ENV === "production") read.problem(name, advice);
    else warnings.push(`${name} ${advice}`);
  }
  return read.withSecond("JWT_SECRET");
}

const NO_SEAL = "SEAL_KEY is not set: no card is saved, and the routes of subscriptions answer 404";
const SEAL_BYTES = 32;

/** Never a part of the key in the text. */
function readSealKeys(read: Reader): string[] {
  for (const name of ["SEAL_KEY", "SEAL_KEY_ALSO"]) {
    const key = read.text(name);
    const isKey =
      key === undefined || (/^[\w+/-]{43}=?$/.test(key) && Buffer.from(key, "base64").length === SEAL_BYTES);
    if (!isKey) read.problem(name, `must be ${SEAL_BYTES} bytes in base64; make one: openssl rand -base64 32`);
  }
  return read.withSecond("SEAL_KEY");
}

function refuse(problems: readonly string[], obstacles: readonly string[] = []): void {
  if (problems.length === 0) return;
  const lines = [`The server cannot start: ${problems.length} problem(s) with its variables.`];
  lines.push(...problems.map((problem) => `- ${problem}`));
  if (obstacles.length > 0) lines.push(`(Demo mode, which needs no configuration, is off: ${obstacles.join("; ")}.)`);
  throw new PaymeConfigError(lines.join("\n"));
}
