/** When a statement is struck: before it reaches the database, or after it has done its work and before anybody hears of it. */
export type When = "before" | "after";

/** Which statement is struck, counted from 1. */
export interface Fault {
  readonly n: number;
  readonly when: When;
}

/** What a struck statement throws: a disk or a line that fails, by the database's own code. */
export class InjectedFault extends Error {
  override readonly name = "InjectedFault";
  readonly code: string;

  constructor({ n, when }: Fault, sql: string, code: string) {
    super(`injected ${when} statement ${n}: ${sql.replace(/\s+/g, " ").slice(0, 80)}`);
    this.code = code;
  }
}

/** The line between a storage and its database, on which one statement can be made to fail. */
export type FaultLine = ReturnType<typeof createFaultLine>;

/** @param code the error code with which statements fail. */
export function createFaultLine(code: string) {
  let armed: Fault | undefined;
  let count = 0;
  let struck: string | undefined;

  function strike(fault: Fault, sql: string): never {
    const error = new InjectedFault(fault, sql, code);
    struck = error.message;
    throw error;
  }

  return {
    /** Counts from now on, and strikes once. */
    arm(fault: Fault): void {
      armed = fault;
      count = 0;
      struck = undefined;
    },
    /** Which statement was struck since {@link arm}; undefined where there were fewer. */
    disarm(): string | undefined {
      armed = undefined;
      return struck;
    },
    /** A statement sets out. What it returns is called when it has arrived. */
    send(sql: string): () => void {
      if (armed === undefined) return () => {};
      const fault = armed;
      count += 1;
      const isTheOne = count === fault.n;
      if (isTheOne && fault.when === "before") strike(fault, sql);
      return () => {
        if (isTheOne && fault.when === "after") strike(fault, sql);
      };
    },
  };
}
