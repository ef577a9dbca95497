/** What the examples of the doc comments take for granted: the shop that they are written in, and the packages that it uses. */
import type { IncomingMessage } from "node:http";
import type { SQL } from "drizzle-orm";
import type { SQLiteTable } from "drizzle-orm/sqlite-core";
import type { Express, Response } from "express";
import type { FastifyInstance } from "fastify";
import type { Hono } from "hono";
import type {
  DeliverMessage,
  Logger,
  MerchantApi,
  Message,
  Outbox,
  PaymeClient,
  PaymeConfig,
  PaymentHook,
  PaymentRow,
  Payments,
  Tiyin,
  Worker,
} from "payme-kit";
import type { AdminHandler, AdminOptions } from "payme-kit/admin";
import type { FetchWebhookHandler } from "payme-kit/fetch";
import type { PrismaDatabase, PrismaHandle } from "payme-kit/prisma";
import type { SqliteHandle, sqliteStorage } from "payme-kit/sqlite";
import type { SavedCard, Seal, Subscriptions } from "payme-kit/subscriptions";
import type { Tariffs } from "payme-kit/tariffs";
import type { Pool } from "pg";

export { createServer } from "node:http";
export { PrismaPg } from "@prisma/adapter-pg";
export { drizzle } from "drizzle-orm/sqlite-proxy";
export { Kysely, SqliteDialect } from "kysely";
export { setupServer } from "msw/node";
export { default as pino } from "pino";

type Tx = SqliteHandle;

export declare const app: Express & Pick<FastifyInstance, "register">;
export declare const hono: Hono;
export declare const request: IncomingMessage;
export declare const response: Response;
export declare const rawBody: Buffer;
export declare const error: unknown;
export declare const logger: Logger;
export declare const pool: Pool;

export declare const key: string;
export declare const secret: string;
export declare const jwtSecret: string;
export declare const token: string;
export declare const expire: string;
export declare const number: string;
export declare const receiptId: string;
export declare const id: string;
export declare const from: number;
export declare const to: number;

export declare const storage: ReturnType<typeof sqliteStorage>;
export declare const client: PaymeClient;
export declare const payme: PaymeConfig;
export declare const payments: Payments<Tx>;
export declare const merchant: MerchantApi<Tx>;
export declare const shop: MerchantApi<Tx>;
export declare const delivery: MerchantApi<Tx>;
export declare const outbox: Outbox<Tx>;
export declare const subs: Subscriptions;
export declare const tariffs: Tariffs<Tx>;
export declare const seal: Seal;
export declare const card: SavedCard;
export declare const payment: PaymentRow;
export declare const worker: Worker;
export declare const incident: { readonly id: number };
export declare const admin: AdminHandler;
export declare const authorize: AdminOptions["authorize"];
export declare const operatorOf: AdminOptions["authorize"];
export declare const webhook: FetchWebhookHandler;
export declare const onPaid: PaymentHook<Tx>;
export declare const tx: Tx;
export declare const orders: SQLiteTable;
export declare const isNew: SQL;

export declare function give(what: unknown, ...more: unknown[]): boolean;
export declare function post(url: string, message: Message, signal: AbortSignal): ReturnType<DeliverMessage>;
export declare function askFor(phone: string): Promise<string>;
export declare function askForAnotherCard(): void;
export declare class PrismaClient implements PrismaDatabase<PrismaHandle> {
  constructor(options: { adapter: unknown });
  $queryRawUnsafe: PrismaDatabase<PrismaHandle>["$queryRawUnsafe"];
  $transaction: PrismaDatabase<PrismaHandle>["$transaction"];
}
export interface Shop {
  readonly orders: { readonly id: number; readonly total: Tiyin };
}
