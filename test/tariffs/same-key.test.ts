import { describe, expect, it } from "vitest";
import type { TariffStore } from "../../src/entry/tariffs";
import { hasPostgres } from "../postgres/database";
import { marketOver } from "./market";
import { openMemory, openPostgres, openSqlite } from "./open-stores";
import type { OpenedStore } from "./tariff-store-suite";

const userId = "user-1";

/** A store in which something happens while a purchase looks at the user's grants. */
function interrupted<Tx>(opened: OpenedStore<Tx>) {
  let meanwhile = async () => {};
  const store: TariffStore<Tx> = {
    ...opened.store,
    async listGrants(id) {
      const work = meanwhile;
      meanwhile = async () => {};
      await work();
      return opened.store.listGrants(id);
    },
  };
  return {
    opened: { ...opened, store },
    interrupt: (work: () => Promise<void>) => {
      meanwhile = work;
    },
  };
}

async function repeatWhilePaid<Tx>(openedStore: OpenedStore<Tx>) {
  const { opened, interrupt } = interrupted(openedStore);
  const market = await marketOver(opened);
  const click = () => market.tariffs.purchase({ userId, tariffId: market.basic.id, idempotencyKey: "key" });
  interrupt(async () => {
    await market.pay((await click()).payment);
  });
  return { repeat: await click(), total: (await market.tariffs.payments.statistics()).total };
}

describe("an idempotency key whose purchase is made and paid while its repeat is on the way", () => {
  it.each([
    ["memory", async () => repeatWhilePaid(await openMemory())],
    ["sqlite", async () => repeatWhilePaid(await openSqlite())],
    ...(hasPostgres ? ([["postgres", async () => repeatWhilePaid(await openPostgres())]] as const) : []),
  ] as const)("is still one payment (%s)", async (_name, run) => {
    const { repeat, total } = await run();
    expect(repeat).toMatchObject({ reused: true, payment: { status: "PAID" } });
    expect(total).toBe(1);
  });
});
