/** The driver that this runtime has by itself. */
export const Driver =
  process.versions.bun === undefined
    ? (await import("node:sqlite")).DatabaseSync
    : (await import("bun:sqlite")).Database;
