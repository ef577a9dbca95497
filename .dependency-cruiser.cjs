/**
 * The floors of the house (docs/architecture.md): a file imports from its own room or a lower floor, never up, and rooms of
 * one floor do not import each other unless it is said here.
 */
const ROOMS = [
  { room: "words", path: "^src/(money|errors|clock|logger|lazy|loopback|thenable)\\.ts$", mayUse: [] },
  { room: "protocol", path: "^src/protocol/", mayUse: ["words"] },
  { room: "ledger", path: "^src/ledger/", mayUse: ["words", "protocol"] },
  { room: "checkout", path: "^src/checkout/", mayUse: ["words", "protocol"] },
  { room: "gateway", path: "^src/gateway/", mayUse: ["words", "protocol"] },
  // The client takes the guide's signature as one of its two X-Auth schemes: see signature-scheme-only below.
  { room: "client", path: "^src/client/", mayUse: ["words", "protocol", "gateway"] },
  { room: "merchant", path: "^src/merchant/", mayUse: ["words", "protocol", "ledger"] },
  // Payments can be the orders of a Merchant API endpoint (as-orders); the endpoint knows nothing of them.
  {
    room: "payments",
    path: "^src/payments/",
    mayUse: ["words", "protocol", "ledger", "gateway", "client", "merchant"],
  },
  { room: "outbox", path: "^src/outbox/", mayUse: ["words", "protocol", "ledger"] },
  // Tariffs keep their tables beside ours through the SQL seam, which knows no driver.
  { room: "tariffs", path: "^src/tariffs/", mayUse: ["words", "protocol", "ledger", "payments", "storage-sql"] },
  { room: "storage-sql", path: "^src/storage/sql/", mayUse: ["words", "protocol", "ledger"] },
  { room: "storage-sqlite", path: "^src/storage/sqlite/", mayUse: ["words", "protocol", "ledger", "storage-sql"] },
  { room: "storage-postgres", path: "^src/storage/postgres/", mayUse: ["words", "protocol", "ledger", "storage-sql"] },
  // Each ORM by itself: its types are written down here, it is never imported.
  { room: "storage-prisma", path: "^src/storage/prisma/", mayUse: ["storage-sql"] },
  { room: "storage-drizzle", path: "^src/storage/drizzle/", mayUse: ["storage-sql"] },
  { room: "storage-kysely", path: "^src/storage/kysely/", mayUse: ["storage-sql"] },
  { room: "http", path: "^src/http/", mayUse: ["words", "protocol", "gateway", "merchant"] },
  // Witnesses share no code with what they witness.
  { room: "mock", path: "^src/mock/", mayUse: ["words", "protocol", "gateway"] },
  { room: "certifier", path: "^src/certifier/", mayUse: ["money"] },
  // What was really said, and how the mock and a merchant's endpoint answer to the same.
  { room: "recording", path: "^src/recording/", mayUse: ["words", "protocol", "mock"] },
  {
    room: "testing",
    path: "^src/testing/",
    mayUse: ["words", "protocol", "ledger", "gateway", "tariffs", "mock", "certifier", "recording"],
  },
  // The bin: what needs no code of the shop.
  {
    room: "cli",
    path: "^src/cli/",
    mayUse: [
      "words",
      "protocol",
      "checkout",
      "gateway",
      "client",
      "storage-sql",
      "tariffs",
      "mock",
      "certifier",
      "recording",
    ],
  },
];

/** One word of the ground floor, for those who may use no other. */
const WORDS = { money: "^src/money\\.ts$" };

const pathOf = (name) => WORDS[name] ?? ROOMS.find(({ room }) => room === name).path;

const floors = ROOMS.map(({ room, path, mayUse }) => ({
  name: `floor-of-${room}`,
  comment: `${room} may use ${mayUse.join(", ") || "nothing of ours"}`,
  severity: "error",
  from: { path },
  to: { path: "^src/", pathNot: [path, ...mayUse.map(pathOf)] },
}));

module.exports = {
  forbidden: [
    ...floors,
    {
      name: "signature-scheme-only",
      comment: "the client uses the gateway for its X-Auth scheme, in one file",
      severity: "error",
      from: { path: "^src/client/", pathNot: "^src/client/payme-client\\.ts$" },
      to: { path: "^src/gateway/" },
    },
    {
      name: "only-rpc-knows-ky",
      comment: "ky's errors carry the request's headers: one file sees them",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/client/rpc\\.ts$" },
      to: { path: "node_modules/ky/" },
    },
    {
      name: "front-door-stays-light",
      comment: "nothing behind the root entry loads a driver, a framework or a witness",
      severity: "error",
      from: { path: "^src/index\\.ts$" },
      to: {
        path: "node_modules/(better-sqlite3|express|fastify|msw|uqr|vitest|pg)/|^src/(mock|certifier|testing|recording|storage/(?!sql/)|http)/",
        reachable: true,
      },
    },
    {
      name: "facts-need-no-node",
      comment: "what is true of Payme and of money runs anywhere",
      severity: "error",
      from: { path: "^src/(protocol/|checkout/|money\\.ts|errors\\.ts|clock\\.ts)" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "no-circles",
      severity: "error",
      // Types may name each other within a room: at run time there is no circle.
      from: { path: "^src/" },
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-unknown-packages",
      comment: "everything imported is installed",
      severity: "error",
      from: { path: "^src/" },
      to: { dependencyTypes: ["npm-unknown", "unknown"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "default"] },
  },
};
