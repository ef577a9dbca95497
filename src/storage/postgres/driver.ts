/** The part of pg's result that we use. */
export interface PostgresResult<Row = Record<string, unknown>> {
  readonly rows: Row[];
  readonly rowCount: number | null;
  /** The command's tag: `UPDATE`, `COMMIT`. */
  readonly command: string;
}

/** The `tx` of hooks: statements through it commit with the payment. `tx.query<Order>("SELECT …", [id])`: its rows are Orders. */
export interface PostgresHandle {
  query<Row = Record<string, unknown>>(text: string, values?: unknown[]): Promise<PostgresResult<Row>>;
  query<Row = Record<string, unknown>>(statement: PostgresStatement): Promise<PostgresResult<Row>>;
}

/** What runs statements: a connection, or the handle of hooks. */
export interface PostgresQueries {
  query(text: string, values?: unknown[]): Promise<PostgresResult>;
  query(statement: PostgresStatement): Promise<PostgresResult>;
}

/** A statement. With a name, it is prepared once for each connection. */
export interface PostgresStatement {
  readonly name?: string;
  readonly text: string;
  readonly values?: unknown[];
}

/** A connection that a pool lends: pg's `PoolClient`. */
export interface PostgresClient extends PostgresQueries {
  /** Returns the connection to the pool; `true`: closes it instead. */
  release(destroy?: boolean): void;
  on(event: "error", listener: (error: Error) => void): unknown;
  removeListener(event: "error", listener: (error: Error) => void): unknown;
  /** `I`: no transaction is open. pg has it from 8.17 on. */
  getTransactionStatus?(): string | null;
  /** True: statements are sent without waiting for the answers of earlier ones. pg has it from 8.23 on, as an option. */
  readonly pipeline?: boolean;
}

/** pg's `Pool`, or another with these methods. */
export interface PostgresPool {
  /** By callback: it runs before the connection can emit anything. */
  connect(callback: (error: Error | undefined, client: PostgresClient | undefined) => void): void;
  on(event: "error", listener: (error: Error) => void): unknown;
}
