import {
  type BeforeApplicationShutdown,
  type INestApplication,
  Inject,
  Module,
  type OnApplicationBootstrap,
} from "@nestjs/common";
import { createMerchantApi, createWorker, type MerchantApi, refuse, som, type Worker } from "payme-kit";
import { expressMerchant } from "payme-kit/express";
import { prismaStorage } from "payme-kit/prisma";
import { CASHBOX, type Cashbox, cashboxProvider } from "./cashbox.js";
import { Database } from "./database.js";
import { Orders } from "./orders.js";

const MERCHANT = Symbol("merchant");
const WORKER = Symbol("worker");

const merchantProvider = {
  provide: MERCHANT,
  inject: [Database, Orders, CASHBOX],
  async useFactory(database: Database, orders: Orders, { key }: Cashbox) {
    const storage = prismaStorage(database);
    await storage.migrate();
    return createMerchantApi({
      storage,
      key,
      account: { order_id: "integer" },
      async find({ order_id }, tx) {
        const order = await orders.find(order_id, tx);
        if (order === null) return refuse.notFound("order_id");
        if (order.status !== "new") return refuse.unavailable("order_id");
        return { reference: order.id, amount: som(order.som) };
      },
      onPaid: ({ reference }, tx) => orders.markPaid(tx, reference, "payme"),
      onRefunded: ({ reference }, tx) => orders.markRefunded(tx, reference),
    });
  },
};

const workerProvider = {
  provide: WORKER,
  inject: [MERCHANT],
  useFactory: (merchant: MerchantApi) => createWorker({ merchant }),
};

/** Payme's endpoint, and the worker beside it: started with the application, ended before its database is. */
@Module({
  providers: [Database, Orders, cashboxProvider, merchantProvider, workerProvider],
  exports: [CASHBOX, Orders],
})
export class PaymeModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(@Inject(WORKER) private readonly worker: Worker) {}

  onApplicationBootstrap() {
    this.worker.start();
  }

  async beforeApplicationShutdown() {
    await this.worker.stop();
  }
}

/** Mounts Payme's endpoint. Call it before `listen`: no guard, pipe, filter or body parser of Nest's then touches Payme's calls. */
export function mountPayme(app: INestApplication): void {
  app.use("/payme", expressMerchant(app.get<MerchantApi>(MERCHANT)));
}
