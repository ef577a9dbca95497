import { memoryStorage } from "../../src/ledger";
import { memoryTariffStore } from "../../src/tariffs";
import { tariffStoreSuite } from "./tariff-store-suite";

tariffStoreSuite("memory", async () => {
  const storage = memoryStorage();
  return {
    storage,
    store: memoryTariffStore(storage),
    deleteTariff: (id) => storage.transaction(async (tx) => tx.table("payme_tariff").delete(String(id))),
  };
});
