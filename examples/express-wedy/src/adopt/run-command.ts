import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { isPaymeError } from "payme-kit";
import { type Database, readConfig } from "../config";
import { openBooks } from "../open-books";
import type { Environment } from "../settings-reader";
import { COMMANDS } from "./commands";
import { AdoptStop, Exit } from "./stop";

const USAGE = `npm run adopt -- ${Object.keys(COMMANDS).join("|")}   (docs/adopt.md)`;

/** Where a command reads its settings and its plan, and where it writes. */
export interface Surroundings {
  readonly env: Environment;
  readonly folder: string;
  print(line: string): void;
  say(line: string): void;
}

/** Runs one command with the server's own settings, and returns the exit code. */
export async function runCommand(words: readonly string[], around: Surroundings): Promise<number> {
  try {
    await run(words, around);
    return Exit.DONE;
  } catch (error) {
    around.say(problemOf(error));
    return error instanceof AdoptStop ? error.code : Exit.COULD_NOT_RUN;
  }
}

async function run([name = "", ...rest]: readonly string[], around: Surroundings): Promise<void> {
  const command = Object.hasOwn(COMMANDS, name) && rest.length === 0 ? COMMANDS[name] : undefined;
  if (command === undefined) throw new AdoptStop(USAGE);
  const config = readConfig(around.env);
  const books = openBooks(existing(config.database), { info() {}, warn: around.say, error: around.say });
  try {
    const database = nameOf(config.database);
    await command({ ...around, books, config, database });
  } finally {
    await books.close();
  }
}

/** A file that is not there would be made: then a wrong path would look like an empty database. */
function existing(database: Database): Database {
  if ("url" in database || existsSync(database.file)) return database;
  throw new AdoptStop(`DATABASE_URL names ${resolve(database.file)}, and there is no such file.`);
}

function nameOf(database: Database): string {
  if ("file" in database) return resolve(database.file);
  const { host, pathname } = new URL(database.url);
  return `postgres://${host}${pathname}`;
}

function problemOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AdoptStop) return error.message;
  if (!isPaymeError(error)) return error.stack ?? error.message;
  const { message, hint, cause } = error;
  return [message, hint, cause instanceof Error ? cause.message : undefined]
    .filter((part) => part !== undefined)
    .join("\n");
}
