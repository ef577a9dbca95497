import pg from "pg";
import { expect, it, onTestFinished, vi } from "vitest";
import { paymentRow } from "../ledger/rows";
import { withClient } from "../postgres/cluster";
import { describeOnPostgres, newDatabase, newSchema } from "../postgres/database";
import { type AdapterName, type AdapterOptions, adapters, type OpenedAdapter } from "./postgres-adapters";

let roles = 0;

/** The URL of a new database, as a role with this default. */
async function urlOf(synchronousCommit: string): Promise<string> {
  const url = await newDatabase();
  roles += 1;
  const role = `commits_${process.pid}_${roles}`;
  await withClient(url, async (client) => {
    await client.query(`CREATE ROLE ${role} LOGIN SUPERUSER`);
    await client.query(`ALTER ROLE ${role} SET synchronous_commit = ${synchronousCommit}`);
  });
  return url.replace(/\/\/[^@]*@/, `//${role}@`);
}

async function open<Tx>(
  openAdapter: (options: AdapterOptions) => Promise<OpenedAdapter<Tx>>,
  synchronousCommit: string,
): Promise<OpenedAdapter<Tx>> {
  const adapter = await openAdapter({ url: await urlOf(synchronousCommit), schema: newSchema() });
  onTestFinished(async () => void (await adapter.close()));
  await adapter.storage.migrate();
  return adapter;
}

/** The setting with which one of our transactions commits. The first statement of a connection finds it out. */
async function settingIn<Tx>({ storage }: OpenedAdapter<Tx>): Promise<unknown> {
  const [row] = await storage.transaction(async (tx) => {
    const { execute } = storage.sql.executorOf(tx);
    await execute("SELECT 1 AS first", []);
    return execute("SHOW synchronous_commit", []);
  });
  return row?.synchronous_commit;
}

async function raises<Tx>(openAdapter: (options: AdapterOptions) => Promise<OpenedAdapter<Tx>>): Promise<void> {
  for (const weak of ["off", "local", "remote_write"]) {
    const adapter = await open(openAdapter, weak);
    // The first transaction of several connections, and later ones.
    expect(await Promise.all(Array.from({ length: 4 }, () => settingIn(adapter)))).toEqual(Array(4).fill("on"));
    expect(await settingIn(adapter)).toBe("on");
    const [row] = await adapter.storage.sql.read((executor) => executor.execute("SHOW synchronous_commit", []));
    expect(row).toEqual({ synchronous_commit: weak });
  }
  for (const strong of ["on", "remote_apply"]) expect(await settingIn(await open(openAdapter, strong))).toBe(strong);
}

async function costsNothing<Tx>(openAdapter: (options: AdapterOptions) => Promise<OpenedAdapter<Tx>>): Promise<void> {
  const { storage } = await open(openAdapter, "on");
  await storage.addPayment(paymentRow({ id: "first" }));
  const asked = vi.spyOn(pg.Client.prototype, "query");
  await storage.addPayment(paymentRow({ id: "second" }));
  const texts = asked.mock.calls.map((call) => JSON.stringify(call[0]) ?? "");
  asked.mockRestore();
  expect(texts.length).toBeGreaterThan(0);
  expect(texts.filter((text) => text.includes("synchronous_commit"))).toEqual([]);
}

describeOnPostgres("synchronous_commit", () => {
  const proofs: readonly [name: AdapterName, raises: () => Promise<void>][] = [
    ["pg", () => raises(adapters.pg)],
    ["drizzle", () => raises(adapters.drizzle)],
    ["kysely", () => raises(adapters.kysely)],
    ["prisma", () => raises(adapters.prisma)],
    ["typeorm", () => raises(adapters.typeorm)],
  ];

  it.each(proofs)("is raised to on in each transaction of ours through %s", (_name, prove) => prove(), 60_000);

  it("costs no statement where the default is on, once it is known", async () => {
    await costsNothing(adapters.pg);
    await costsNothing(adapters.drizzle);
    await costsNothing(adapters.kysely);
    await costsNothing(adapters.prisma);
    await costsNothing(adapters.typeorm);
  }, 60_000);
});
