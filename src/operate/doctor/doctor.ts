import { statfs } from "node:fs/promises";
import { type PaymeConfig, paymeConfigFromEnv } from "../../client/config-from-env";
import { createPaymeClient, type PaymeClient } from "../../client/payme-client";
import { type Clock, type Sleep, sleep, systemClock } from "../../kit/clock";
import { isPaymeError, PaymeConfigError } from "../../kit/errors";
import type { MerchantApi } from "../../merchant/merchant-api";
import type { Outbox } from "../../outbox/outbox";
import type { Payments } from "../../payments/payments";
import { askEndpoint, READ_CALL } from "./ask-endpoint";
import { KEY_VARIABLES, merchantKeyIn } from "./env-checks";
import type { Finding } from "./finding";
import { type CheckSelection, runChecks } from "./run-checks";
import type { BooksSubject, DoctorDatabase, Environment, PaymeSubject, Subject } from "./subject";
import { type Trial, tryKey } from "./try-key";

/** Options of {@link doctor}. What is not given is not looked at. */
export interface DoctorOptions extends CheckSelection {
  /** The variables to look at, e.g. `process.env`. They also make the client and the key, where none is given. */
  env?: Environment | undefined;
  client?: Pick<PaymeClient, "mode" | "rpc" | "receiptUrl"> | undefined;
  merchant?: Pick<MerchantApi, "handle"> | undefined;
  /** The books, and the database under them. */
  storage?: BooksSubject["verbs"] | undefined;
  payments?: Pick<Payments, "books"> | undefined;
  outbox?: Pick<Outbox<unknown>, "parked"> | undefined;
  /** Kept for the heartbeat of the worker. */
  worker?: { health(): unknown } | undefined;
  /** The shop's name for the cashbox, where it has several. Default `"default"`. */
  cashbox?: string | undefined;
  /** The address of the Merchant API, as Payme calls it. */
  url?: string | undefined;
  /** The key that Payme calls with. Default: `PAYME_MERCHANT_KEY` of `env`. */
  key?: string | undefined;
  /** The address of the guide's webhook. Default: `PAYME_CALLBACK_URL` of `env`. */
  webhookUrl?: string | undefined;
  /** A checkout link of the shop. */
  link?: string | undefined;
  /** How long a check may take. Default 5 s. */
  timeoutMs?: number | undefined;
  /** Default: the global one. */
  fetch?: typeof globalThis.fetch | undefined;
  now?: Clock | undefined;
  sleep?: Sleep | undefined;
}

/** What the command and tests give besides. */
export interface DoctorParts extends DoctorOptions {
  database?: DoctorDatabase | undefined;
  fileSystemOf?: ((file: string) => Promise<number>) | undefined;
  /** More that no finding may show. */
  secrets?: readonly string[] | undefined;
}

const TIMEOUT_MS = 5_000;

/**
 * Looks at a shop and says what is wrong: settings, Payme and the key, clocks, the endpoint from outside, a link, the database
 * and the books. It only reads, on all sides. Never rejects because of what it finds.
 *
 * @returns what each check found, right ones too; what had nothing to look at is left out.
 * @throws PaymeConfigError where `only` or `skip` names no check, or an address is none.
 * @example
 * const findings = await doctor({ storage, client, merchant, outbox, url: "https://shop.example/payme" });
 * for (const { check, saw, fix } of findings.filter(({ status }) => status !== "right")) console.log(check, saw, fix);
 */
export function doctor(options: DoctorOptions): Promise<Finding[]> {
  return examine(options);
}

/** The same with the parts that the command has. */
export async function examine(parts: DoctorParts): Promise<Finding[]> {
  const { env = {}, timeoutMs = TIMEOUT_MS, sleep: wait = sleep } = parts;
  const keys = [...KEY_VARIABLES.map((name) => env[name]), parts.key].filter((key) => key !== undefined);
  const pairs = keys.flatMap((key) => [key, `Paycom:${key}`, `${env.PAYME_MERCHANT_ID}:${key}`]);
  const secrets = [...pairs, ...(parts.secrets ?? [])];
  return runChecks(subjectOf(parts), { ...parts, timeoutMs, sleep: wait, secrets });
}

function subjectOf(parts: DoctorParts): Subject {
  const { env, storage, payments, fetch = globalThis.fetch, now = systemClock } = parts;
  const config = env?.PAYME_SECRET_KEY && env.PAYME_MERCHANT_ID ? configOf(env) : undefined;
  const settings = typeof config === "object" ? config : undefined;
  const client = parts.client ?? (settings && createPaymeClient({ ...settings, fetch, retries: 1 }));
  const mode = client?.mode ?? settings?.mode;
  const webhookUrl = parts.webhookUrl ?? (env?.PAYME_CALLBACK_URL || undefined);
  const url = addressOf("url", parts.url);
  const scopes = payments
    ? [payments.books.scope]
    : (["live", "test"] as const).map((each) => ({ cashbox: parts.cashbox ?? "default", mode: each }));
  return {
    now,
    fetch,
    isProduction: (env ?? process.env).NODE_ENV === "production",
    env,
    config,
    mode,
    payme: client && paymeOf(client),
    endpoint: url && {
      url,
      key: parts.key ?? (env && merchantKeyIn(env)),
      first: once((signal) => askEndpoint(url, { body: READ_CALL, signal })),
    },
    webhook: settings === undefined && parts.webhookUrl === undefined ? undefined : addressOf("webhookUrl", webhookUrl),
    link: parts.link,
    database: parts.database ?? databaseOf(storage),
    books: storage && { verbs: storage, scopes, outbox: parts.outbox, hasClient: client !== undefined },
    storage,
    merchant: parts.merchant,
    fileSystemOf: parts.fileSystemOf ?? (async (file) => (await statfs(file)).type),
  };
}

/** The settings of the environment. The shape of the key has a check of its own. */
function configOf(env: Environment): PaymeConfig | string {
  try {
    return paymeConfigFromEnv({ ...env, PAYME_SECRET_KEY: env.PAYME_SECRET_KEY?.trim() });
  } catch (error) {
    if (isPaymeError(error)) return error.message;
    throw error;
  }
}

function paymeOf(client: Pick<PaymeClient, "rpc" | "receiptUrl">): PaymeSubject {
  return { client, trial: once<Trial>((signal) => tryKey(client, signal)) };
}

function databaseOf(storage: object | undefined): DoctorDatabase | undefined {
  return storage !== undefined && isSql(storage) ? { ...storage, isOurs: true } : undefined;
}

function isSql(storage: object): storage is Pick<DoctorDatabase, "sql" | "tables"> {
  return "sql" in storage && "tables" in storage;
}

/** The first call's promise, for every later call. */
function once<R>(ask: (signal: AbortSignal) => Promise<R>): (signal: AbortSignal) => Promise<R> {
  let asked: Promise<R> | undefined;
  return (signal) => {
    asked ??= ask(signal);
    return asked;
  };
}

/** @throws PaymeConfigError for what is no address, or one with a user or a password. */
function addressOf(option: string, text: string | undefined): URL | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "") return url;
  throw new PaymeConfigError(`doctor: ${option} is not an http(s) address without a user and a password`);
}
