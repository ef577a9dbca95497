import { rowsIn, type SqlStorage, type SqlValue } from "../sql/executor";
import { type PostgresSeamOptions, postgresSeam } from "../sql/postgres-seam";
import { type SqlStorageOptions, sqlStorage } from "../sql/sql-storage";

/** The part that we use of a Prisma client and of its interactive transactions. */
export interface PrismaHandle {
  $queryRawUnsafe(query: string, ...values: unknown[]): PromiseLike<unknown>;
}

/** The part that we use of a Prisma client over PostgreSQL. */
export interface PrismaDatabase<Tx extends PrismaHandle> extends PrismaHandle {
  $transaction<R>(
    work: (tx: Tx) => Promise<R>,
    options?: { maxWait: number; timeout: number; isolationLevel: "ReadCommitted" },
  ): Promise<R>;
}

/** Options of {@link prismaStorage}. */
export interface PrismaStorageOptions extends SqlStorageOptions, PostgresSeamOptions {
  /** How long to wait for a connection: Prisma's `maxWait`. Default 5 s, then STORAGE_BUSY. */
  acquireTimeoutMs?: number | undefined;
}

/**
 * Keeps the books in PostgreSQL through Prisma (tested with Prisma 7 and its pg adapter). Hooks get the client of Prisma's
 * interactive transaction: what they write with it commits with the payment.
 *
 * @example
 * const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL }) });
 * const storage = prismaStorage(prisma);
 * await storage.migrate();
 */
export function prismaStorage<Tx extends PrismaHandle>(
  prisma: PrismaDatabase<Tx>,
  options: PrismaStorageOptions = {},
): SqlStorage<Tx> {
  const maxWait = options.acquireTimeoutMs ?? 5_000;
  // "Unsafe" is Prisma's word for text that is not a template; every value is a parameter here.
  const ask = async (handle: PrismaHandle, text: string, params: readonly SqlValue[]) =>
    rowsIn(await handle.$queryRawUnsafe(text, ...params));
  const seam = postgresSeam<Tx>(
    {
      query: (text, params) => ask(prisma, text, params),
      queryIn: ask,
      transaction: (work, timeout) => prisma.$transaction(work, { maxWait, timeout, isolationLevel: "ReadCommitted" }),
    },
    options,
  );
  return sqlStorage(seam, options);
}
