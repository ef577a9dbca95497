import { statfs } from "node:fs/promises";
import { type PaymeConfig, paymeConfigFromEnv } from "../../client/config-from-env";
import { createPaymeClient } from "../../client/payme-client";
import { type Clock, type Sleep, sleep, systemClock } from "../../kit/clock";
import { isPaymeError, PaymeConfigError } from "../../kit/errors";
import type { Payments } from "../../payments/payments";
import { askEndpoint, READ_CALL } from "./ask-endpoint";
import { KEY_VARIABLES, merchantKeyIn } from "./env-checks";
import type { Finding } from "./finding";
import { type CheckSelection, runChecks } from "./run-checks";
import type { DoctorStorage, Environment, Subject } from "./subject";
import { tryKey } from "./try-key";

/** Options of {@link doctor}. What is not given is not looked at. */
export interface DoctorOptions extends CheckSelection {
  /** The variables to look at, e.g. `process.env`. They also give the client and the key, where none is given. */
  env?: Environment | undefined;
  client?: Subject["client"];
  merchant?: Subject["merchant"];
  /** The books, and the database under them. */
  storage?: DoctorStorage | undefined;
  payments?: Pick<Payments, "books"> | undefined;
  outbox?: Subject["outbox"];
  subscriptions?: Subject["subscriptions"];
  /** The worker of this process: its heartbeat. */
  worker?: Subject["worker"];
  /** The shop's name for the cashbox, where it has several. Default: that of `payments`, else `"default"`. */
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
  fetch?: typeof globalThis.fetch | undefined;
  now?: Clock | undefined;
  sleep?: Sleep | undefined;
}

/** What the command and tests give besides. */
export interface DoctorParts extends DoctorOptions {
  database?: Subject["database"];
  fileSystemOf?: Subject["fileSystemOf"];
  /** More that no finding may show. */
  secrets?: readonly string[] | undefined;
}

const TIMEOUT_MS = 5_000;

/**
 * Looks at a shop and says what is wrong: settings, Payme and the key, clocks, the endpoint from outside, a link, the database
 * and the books. It only reads, on all sides.
 *
 * @returns what each check found, also what is right. A check that had nothing to look at is left out.
 * @throws PaymeConfigError where `only` or `skip` names no check, or an address is none.
 * @example
 * const findings = await doctor({ storage, client, merchant, outbox, url: "https://shop.example/payme" });
 * for (const { check, saw, fix } of findings.filter(({ status }) => status !== "right")) console.log(check, saw, fix);
 */
export async function doctor(options: DoctorOptions): Promise<Finding[]> {
  return examine(options);
}

/** The same with the parts that the command has. */
export async function examine(parts: DoctorParts): Promise<Finding[]> {
  const { env = {}, timeoutMs = TIMEOUT_MS, sleep: wait = sleep, secrets = [] } = parts;
  const keys = [...KEY_VARIABLES.map((name) => env[name] ?? ""), parts.key ?? ""].filter(Boolean);
  return runChecks(subjectOf(parts), { ...parts, timeoutMs, sleep: wait, secrets: [...keys, ...secrets] });
}

function subjectOf(parts: DoctorParts): Subject {
  const { env, storage, payments, cashbox = "default", fetch = globalThis.fetch, now = systemClock } = parts;
  const settings = env?.PAYME_SECRET_KEY && env.PAYME_MERCHANT_ID ? settingsOf(env) : {};
  const { config } = settings;
  const client = parts.client ?? (config && createPaymeClient({ ...config, fetch, retries: 1 }));
  const url = addressOf("url", parts.url);
  const modes = ["live", "test"] as const;
  return {
    ...parts,
    ...settings,
    now,
    fetch,
    client,
    isProduction: (env ?? process.env).NODE_ENV === "production",
    trial: once(async (signal) => client && tryKey(client, signal)),
    endpoint: url && {
      url,
      key: parts.key ?? (env && merchantKeyIn(env)),
      first: once((signal) => askEndpoint(url, { body: READ_CALL, signal })),
    },
    webhook: addressOf("webhookUrl", parts.webhookUrl ?? ((config && env?.PAYME_CALLBACK_URL) || undefined)),
    database: parts.database ?? (storage && isSql(storage) ? storage : undefined),
    scopes: payments ? [payments.books.scope] : modes.map((mode) => ({ cashbox, mode })),
    fileSystemOf: parts.fileSystemOf ?? (async (file) => (await statfs(file)).type),
  };
}

/** The shape of the key has a check of its own: here it counts without the white space around it. */
function settingsOf(env: Environment): { config?: PaymeConfig; configProblem?: string } {
  try {
    return { config: paymeConfigFromEnv({ ...env, PAYME_SECRET_KEY: env.PAYME_SECRET_KEY?.trim() }) };
  } catch (error) {
    if (isPaymeError(error)) return { configProblem: error.message };
    throw error;
  }
}

function isSql(storage: object): storage is NonNullable<Subject["database"]> {
  return "sql" in storage && "tables" in storage;
}

/** Asks at the first call, and returns that answer at every later one. */
function once<R>(ask: (signal: AbortSignal) => Promise<R>): (signal: AbortSignal) => Promise<R> {
  let asked: Promise<R> | undefined;
  return (signal) => {
    asked ??= ask(signal);
    return asked;
  };
}

/** @throws PaymeConfigError for what is no address, or one with a user or a password. */
function addressOf(option: string, text: string | undefined): URL | undefined {
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
  const isRight = url !== undefined && /^https?:$/.test(url.protocol) && url.username + url.password === "";
  if (isRight || text === undefined) return url;
  throw new PaymeConfigError(`doctor: ${option} is not an http(s) address without a user and a password`);
}
