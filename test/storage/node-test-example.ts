// The example of storageSuite's doc comment, as it stands there.
import { describe, it } from "node:test";
import { memoryStorage } from "payme-kit";
import { memoryTariffStore } from "payme-kit/tariffs";
import { storageSuite } from "payme-kit/testing";

storageSuite({
  runner: { describe, it },
  name: "memoryStorage",
  durable: false,
  async create() {
    const storage = memoryStorage();
    return {
      storage,
      tariffs: memoryTariffStore(storage),
      host: {
        add: (tx, id) => tx.table("host").set(id, { id }),
        has: async (id) => storage.published().table("host").get(id) !== undefined,
      },
      close: () => storage.close(),
    };
  },
});
