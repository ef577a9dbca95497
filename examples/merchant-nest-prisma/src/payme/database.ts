import { existsSync } from "node:fs";
import { Injectable, type OnModuleDestroy } from "@nestjs/common";
import { PrismaPg } from "@prisma/adapter-pg";
import { type Order, type Prisma, PrismaClient } from "../generated/client.js";

export type { Order };
/** The client of a transaction. */
export type Tx = Prisma.TransactionClient;

if (existsSync(".env")) process.loadEnvFile(); // what the environment has already wins

/** The shop's database. `payme-kit/prisma` keeps its books in it, in a schema of their own. */
@Injectable()
export class Database extends PrismaClient implements OnModuleDestroy {
  constructor() {
    const { DATABASE_URL: connectionString } = process.env;
    if (!connectionString) throw new Error("Set DATABASE_URL, like postgresql://user:password@localhost/shop");
    super({ adapter: new PrismaPg({ connectionString }) });
  }

  async onModuleDestroy() {
    await this.$disconnect();
  }
}
