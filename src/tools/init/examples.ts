/** Files that a project of the framework has already. They are written together, or they are the project's own. */
export interface Frame {
  readonly files: readonly string[];
  /** Other files that stand for the same in a project. */
  readonly others?: readonly string[];
  /** The scripts that are of use with these files only, each added where the project has none of its name. */
  readonly scripts?: readonly string[];
  /** The packages that are of use with these files only. */
  readonly packages?: readonly string[];
  /** What to do where the files are the project's own: `{dir}` is the folder of the example's sources. */
  readonly byHand?: string;
}

/** An example that `payme-kit init` can put into a project. Its folder tells its files, scripts and packages. */
export interface Example {
  readonly name: string;
  /** Below `examples`, here and in the package. */
  readonly folder: string;
  readonly about: string;
  /** A project that has this package gets this example without being asked. */
  readonly detect: string | undefined;
  /** The examples that stand back where a project fits this one, too, and why. */
  readonly before?: { readonly names: readonly string[]; readonly why: string };
  /** The folder of the example that becomes `--dir`; left out: all of it. Files beside it keep their places. */
  readonly sources?: string;
  /** The folders in which the framework looks for routes: in a project they are below `src`, or not. */
  readonly routes?: readonly string[];
  readonly frames?: readonly Frame[];
  /** What comes before a first look. `{run}` is the package manager's. */
  readonly prepare?: string;
  /** What starts it. Default `{run} payme`. */
  readonly start?: string;
  /** What has to be set before a first look. */
  readonly set?: string;
  /** What to do after a first look: `{dir}` is the folder in the project. */
  readonly next: string;
}

const TABLES = "put your tables into find and the guarded updates of";
const ON_POSTGRES = "DATABASE_URL";

/** All examples, one entry each. package.json's `files` ships their folders. */
export const EXAMPLES: readonly Example[] = [
  {
    name: "express",
    folder: "merchant-express",
    about: "orders of your own on Express: the Merchant API, SQLite, a worker",
    detect: "express",
    next: `${TABLES} {dir}/shop{ext}, mount app.use("/payme", expressMerchant(merchant)) before your body parsers`,
  },
  {
    name: "hono",
    folder: "merchant-hono",
    about: "orders of your own on Hono: the Merchant API, SQLite, a worker",
    detect: "hono",
    next: `${TABLES} {dir}/shop{ext}, mount fetchMerchant(merchant) at /payme before whatever reads bodies`,
  },
  {
    name: "nest-prisma",
    folder: "merchant-nest-prisma",
    about: "orders of your own on NestJS: the Merchant API, Prisma, PostgreSQL, a worker",
    detect: "@nestjs/core",
    before: { names: ["express"], why: "Nest stands on Express" },
    sources: "src/payme",
    frames: [
      {
        files: ["src/main.ts"],
        scripts: ["build", "start"],
        byHand:
          "in src/main.ts: mountPayme(app) and app.enableShutdownHooks() before listen (from {dir}/payme.module); " +
          "in src/app.module.ts: PaymeShopModule into the imports (from {dir}/payme-shop.module; without its page PaymeModule)",
      },
      { files: ["tsconfig.json"] },
      {
        files: [
          "prisma.config.mjs",
          "prisma/schema.prisma",
          "prisma/migrations/20261130000000_orders/migration.sql",
          "prisma/migrations/migration_lock.toml",
        ],
        others: ["prisma.config.ts", ".config/prisma.ts", "schema.prisma", "prisma/schema"],
        scripts: ["prebuild"],
        packages: ["prisma", "@prisma/client", "@prisma/adapter-pg"],
        byHand:
          "add the models Order and Ticket of node_modules/payme-kit/examples/merchant-nest-prisma/prisma/schema.prisma to your schema " +
          "(npx prisma migrate dev makes the tables), and let {dir}/database.ts export your client as Database, with its types",
      },
    ],
    prepare:
      "npx prisma generate (keep src/generated out of git), npx prisma migrate deploy (in the tests' database, too)",
    start: "{run} build, then {run} start; open /payme-shop",
    set: ON_POSTGRES,
    next: `${TABLES} {dir}/orders.ts, and take payme-shop.module.ts away`,
  },
  {
    name: "next",
    folder: "merchant-next",
    about: "orders of your own on Next.js: the Merchant API, PostgreSQL, a worker for the platform's cron",
    detect: "next",
    before: { names: ["express", "hono"], why: "Next serves routes with or without them" },
    sources: "payme",
    routes: ["app", "pages"],
    frames: [
      {
        files: ["instrumentation.ts"],
        others: ["instrumentation.js"],
        byHand:
          "in your instrumentation: await startPayme() (from {dir}/start) in register(), where NEXT_RUNTIME is nodejs",
      },
      // No tsconfig.json: Next makes one.
      { files: [], scripts: ["dev", "build", "start"] },
    ],
    start: "{run} dev; open /payme-shop",
    set: ON_POSTGRES,
    next:
      `${TABLES} {dir}/orders.ts, take app/payme-shop away, keep /payme and /api/payme-worker out of your proxy.ts, ` +
      "let a cron call /api/payme-worker each minute (CRON_SECRET)",
  },
  {
    name: "telegram",
    folder: "merchant-telegram",
    about: "a Telegram bot that sells by checkout links: the Merchant API, SQLite, the outbox, a worker",
    detect: "grammy",
    next: `${TABLES} {dir}/shop{ext}, your goods into the command "buy"`,
    set: "TELEGRAM_TOKEN",
  },
  {
    name: "telegram-subscription",
    folder: "telegram-subscription",
    about: "a Telegram bot that sells by the month on saved cards: SQLite, the outbox, a worker",
    detect: undefined,
    next: "put your plan into PLAN and PRICE of {dir}/bot{ext}, your words into {dir}/texts{ext}",
    set: "TELEGRAM_TOKEN",
  },
];
