/**
 * The floors of the house (docs/architecture.md): a file imports from its own room or a lower floor, never up, and rooms of
 * one floor do not import each other unless it is said here. Types count as imports.
 */
const ROOMS = [
  { room: "kit", path: "^src/kit/", mayUse: [] },
  { room: "protocol", path: "^src/protocol/", mayUse: ["kit"] },
  { room: "ledger", path: "^src/ledger/", mayUse: ["kit", "protocol"] },
  { room: "checkout", path: "^src/checkout/", mayUse: ["kit", "protocol"] },
  { room: "gateway", path: "^src/gateway/", mayUse: ["kit", "protocol"] },
  // The client takes the guide's signature as one of its two X-Auth schemes: see signature-scheme-only below.
  { room: "client", path: "^src/client/", mayUse: ["kit", "protocol", "gateway"] },
  // What all adapters share; the adapters are rooms of their own.
  { room: "storage", path: "^src/storage/[^/]+\\.ts$", mayUse: ["kit", "protocol", "ledger"] },
  { room: "storage-memory", path: "^src/storage/memory/", mayUse: ["kit", "protocol", "ledger", "storage"] },
  { room: "storage-sql", path: "^src/storage/sql/", mayUse: ["kit", "protocol", "ledger", "storage"] },
  {
    room: "storage-sqlite",
    path: "^src/storage/sqlite/",
    mayUse: ["kit", "protocol", "ledger", "storage", "storage-sql"],
  },
  {
    room: "storage-postgres",
    path: "^src/storage/postgres/",
    mayUse: ["kit", "protocol", "ledger", "storage", "storage-sql"],
  },
  // Each ORM by itself: its types are written down here, it is never imported.
  { room: "storage-prisma", path: "^src/storage/prisma/", mayUse: ["storage-sql"] },
  { room: "storage-drizzle", path: "^src/storage/drizzle/", mayUse: ["storage-sql"] },
  { room: "storage-kysely", path: "^src/storage/kysely/", mayUse: ["storage-sql"] },
  { room: "merchant", path: "^src/merchant/", mayUse: ["kit", "protocol", "ledger"] },
  // Payments can be the orders of a Merchant API endpoint (as-orders); the endpoint knows nothing of them.
  {
    room: "payments",
    path: "^src/payments/",
    mayUse: ["kit", "protocol", "ledger", "gateway", "client", "merchant"],
  },
  { room: "outbox", path: "^src/outbox/", mayUse: ["kit", "protocol", "ledger"] },
  // Tariffs keep their tables beside ours: in memory, and through the SQL seam, which knows no driver.
  {
    room: "tariffs",
    path: "^src/tariffs/",
    mayUse: ["kit", "protocol", "ledger", "payments", "storage-memory", "storage-sql"],
  },
  // Subscriptions keep theirs in the same way, and charge through payments.
  {
    room: "subscriptions",
    path: "^src/subscriptions/",
    mayUse: ["kit", "protocol", "ledger", "client", "payments", "storage", "storage-memory", "storage-sql"],
  },
  { room: "edges", path: "^src/edges/", mayUse: ["kit", "protocol", "gateway", "merchant"] },
  // What runs beside the requests.
  {
    room: "operate",
    path: "^src/operate/",
    mayUse: [
      "kit",
      "protocol",
      "ledger",
      "checkout",
      "client",
      "storage",
      "storage-sql",
      "merchant",
      "payments",
      "outbox",
      "tariffs",
      "subscriptions",
    ],
  },
  // HTML that is escaped, pages that load nothing, and their language: for the operator's page and the mock's.
  { room: "html", path: "^src/html/", mayUse: ["protocol"] },
  // The operator's page: what it shows and does is the rooms' below.
  {
    room: "admin",
    path: "^src/admin/",
    mayUse: ["kit", "protocol", "html", "ledger", "merchant", "payments", "outbox", "subscriptions", "operate"],
  },
  // The mock shares no code with the engine that it tests; the suite tests the contract of the ledger.
  { room: "mock", path: "^src/testing/mock/", mayUse: ["kit", "protocol", "gateway"] },
  {
    room: "testing",
    path: "^src/testing/(?!mock/)",
    mayUse: ["kit", "protocol", "ledger", "gateway", "tariffs", "subscriptions", "mock"],
  },
  // A server on a free port: what the mock and the recorder share.
  { room: "tools", path: "^src/tools/[^/]+\\.ts$", mayUse: [] },
  { room: "mock-server", path: "^src/tools/mock-server/", mayUse: ["kit", "protocol", "html", "mock", "tools"] },
  // The certifier shares no code with what it certifies.
  { room: "certifier", path: "^src/tools/certifier/", mayUse: ["money"] },
  { room: "recorder", path: "^src/tools/recorder/", mayUse: ["kit", "protocol", "tools"] },
  // Puts the examples into a project. It knows nothing of what they do.
  { room: "init", path: "^src/tools/init/", mayUse: [] },
  // The bin: what needs no code of the shop.
  {
    room: "cli",
    path: "^src/tools/cli/",
    mayUse: [
      "kit",
      "protocol",
      "checkout",
      "gateway",
      "client",
      "ledger",
      "merchant",
      "payments",
      "storage-sql",
      "storage-sqlite",
      "storage-postgres",
      "tariffs",
      "subscriptions",
      "operate",
      "mock",
      "mock-server",
      "certifier",
      "recorder",
      "init",
    ],
  },
];

/** One file of the ground floor, for rooms that may use no other. */
const FILES = { money: "^src/kit/money\\.ts$" };

const pathOf = (name) => FILES[name] ?? ROOMS.find(({ room }) => room === name).path;

const floors = [
  ...ROOMS.map(({ room, path, mayUse }) => ({
    name: `floor-of-${room}`,
    comment: `${room} may use ${mayUse.join(", ") || "nothing of ours"}`,
    severity: "error",
    from: { path },
    to: { path: "^src/", pathNot: [path, ...mayUse.map(pathOf)] },
  })),
  {
    name: "every-file-has-a-room",
    comment: "a file belongs to a room of the list above, or is an entry",
    severity: "error",
    from: {},
    to: { path: "^src/", pathNot: ["^src/entry/", ...ROOMS.map(({ path }) => path)] },
  },
  {
    name: "nobody-uses-an-entry",
    comment: "entries are for users: inside the house, a file imports from the room itself",
    severity: "error",
    from: { path: "^src/" },
    to: { path: "^src/entry/" },
  },
];

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
      name: "only-the-metrics-know-prom-client",
      comment: "an optional package: no other entry may need it",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/operate/prometheus/" },
      to: { path: "node_modules/prom-client/" },
    },
    {
      name: "only-its-entry-knows-prometheus",
      comment: "so the rest of operate does not bring prom-client along",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(operate/prometheus/|entry/prometheus\\.ts$)" },
      to: { path: "^src/operate/prometheus/" },
    },
    {
      name: "front-door-stays-light",
      comment: "nothing behind the root entry loads a driver, a framework, the mock or a tool",
      severity: "error",
      from: { path: "^src/entry/index\\.ts$" },
      to: {
        path: "node_modules/(better-sqlite3|express|fastify|msw|uqr|vitest|pg)/|^src/(testing|tools|edges|storage/(?!sql/|memory/|[^/]+\\.ts$))/",
        reachable: true,
      },
    },
    {
      name: "facts-need-no-node",
      comment: "what is true of Payme and of money runs anywhere",
      severity: "error",
      from: { path: "^src/(protocol/|checkout/|ledger/|kit/(money|errors|clock)\\.ts)" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "no-circles",
      severity: "error",
      comment: "circles of types count, too",
      from: { path: "^src/" },
      to: { circular: true },
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
