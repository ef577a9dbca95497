import type { AddCommand } from "./add-command";

/** A command, as far as the list of commands shows it. The rest is loaded when it is called. */
export interface CommandEntry {
  /** The name and the arguments. */
  readonly usage: string;
  readonly about: string;
  /** Reads settings from the environment, and so from a file of them. */
  readonly readsSettings: boolean;
  load(): Promise<AddCommand>;
}

/** All commands, by name. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    usage: "call <method> [params]",
    about: "call a method of the Subscribe API, and print the same call as curl",
    readsSettings: true,
    load: async () => (await import("./call")).callCommand,
  },
  {
    usage: "certify <url>",
    about: "call a Merchant API endpoint as Payme's sandbox does, and say what is wrong with it",
    readsSettings: true,
    load: async () => (await import("./certify")).certifyCommand,
  },
  {
    usage: "doctor [url]",
    about: "look at settings, Payme, the endpoint and the database of a shop, and say what is wrong; it only reads",
    readsSettings: true,
    load: async () => (await import("./doctor")).doctorCommand,
  },
  {
    usage: "init [example]",
    about: "put a tested shop into this project: endpoint, hooks, tables, worker, settings and a test",
    readsSettings: false,
    load: async () => (await import("./init")).initCommand,
  },
  {
    usage: "link",
    about: "print a checkout link for an account and an amount, or explain a link",
    readsSettings: true,
    load: async () => (await import("./link")).linkCommand,
  },
  {
    usage: "mock",
    about: "run a mock of Payme on this machine: API, payment page and console; needs no cashbox and no network",
    readsSettings: true,
    load: async () => (await import("./mock")).mockCommand,
  },
  {
    usage: "record",
    about: "write down the calls between Payme and a shop's endpoint, or a client and Payme, without their secrets",
    readsSettings: true,
    load: async () => (await import("./record")).recordCommand,
  },
  {
    usage: "schema",
    about: "print the SQL of the tables that storage.migrate() makes",
    readsSettings: false,
    load: async () => (await import("./schema")).schemaCommand,
  },
  {
    usage: "sign [json]",
    about: "sign a body as the Wedy guide does (HMAC-SHA256 of its canonical JSON), or check a signature",
    readsSettings: true,
    load: async () => (await import("./sign")).signCommand,
  },
  {
    usage: "story <id>",
    about: "tell what happened to a payment or an order, in order of time; it only reads",
    readsSettings: true,
    load: async () => (await import("./story")).storyCommand,
  },
  {
    usage: "trigger <scenario>",
    about: "play one story of Payme with one order against a Merchant API endpoint, call by call",
    readsSettings: true,
    load: async () => (await import("./trigger")).triggerCommand,
  },
];
