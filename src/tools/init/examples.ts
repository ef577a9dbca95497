/** An example that `payme-kit init` can put into a project. Its folder tells its files, scripts and packages. */
export interface Example {
  readonly name: string;
  /** Below `examples`, here and in the package. */
  readonly folder: string;
  readonly about: string;
  /** A project that has this package gets this example without being asked. */
  readonly detect: string | undefined;
  /** What to do after a first look: `{dir}` is the folder in the project. */
  readonly next: string;
  /** What has to be set before a first look. */
  readonly set?: string;
}

const TABLES = "put your tables into find and the guarded updates of {dir}/shop{ext}";

/** All examples, one entry each. package.json's `files` ships their folders. */
export const EXAMPLES: readonly Example[] = [
  {
    name: "express",
    folder: "merchant-express",
    about: "orders of your own on Express: the Merchant API, SQLite, a worker",
    detect: "express",
    next: `${TABLES}, mount app.use("/payme", expressMerchant(merchant)) before your body parsers`,
  },
  {
    name: "hono",
    folder: "merchant-hono",
    about: "orders of your own on Hono: the Merchant API, SQLite, a worker",
    detect: "hono",
    next: `${TABLES}, mount fetchMerchant(merchant) at /payme before whatever reads bodies`,
  },
  {
    name: "telegram",
    folder: "merchant-telegram",
    about: "a Telegram bot that sells by checkout links: the Merchant API, SQLite, the outbox, a worker",
    detect: "grammy",
    next: `${TABLES}, your goods into the command "buy"`,
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
