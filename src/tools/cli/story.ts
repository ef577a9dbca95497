import { formatSom, type Tiyin } from "../../kit/money";
import { remedyOf } from "../../operate/remedies";
import type { PaymentStory, StoryEntry, StoryKey } from "../../payments/story";
import { storyOf } from "../../payments/story";
import { sqlVerbs } from "../../storage/sql/sql-storage";
import type { AddCommand } from "./add-command";
import { examples } from "./examples";
import { type CliIo, ExitCode, UsageError } from "./io";
import { openDatabase } from "./open-database";
import { complain } from "./paint";

interface Flags {
  readonly reference?: true;
  readonly database?: string;
  readonly schema?: string;
  readonly cashbox: string;
  readonly mode?: string;
  readonly json?: true;
}

/** `payme-kit story`: what the books know of a payment or an order, in order of time. */
export const storyCommand: AddCommand = (command, io, end) => {
  command
    .option("--database <url>", "postgres://…, sqlite:<file> or a file; default: DATABASE_URL")
    .option("--reference", "the id is your own: the reference of a payment or an order")
    .option("--schema <name>", "the schema of our tables in PostgreSQL (default: payme)")
    .option("--cashbox <name>", "the shop's name for the cashbox", "default")
    .option("--mode <mode>", "live or test; default: live, then test")
    .option("--json", "print the story as one JSON document; null where there is none")
    .addHelpText(
      "after",
      examples({
        posix: [
          "npx payme-kit story 65f1aa00bb11cc22dd33ee44 --database sqlite:shop.db",
          "npx payme-kit story order:197 --reference --database postgres://localhost/shop --json",
        ],
        powershell: ["$env:DATABASE_URL = 'sqlite:shop.db'", "npx payme-kit story 65f1aa00bb11cc22dd33ee44"],
      }),
    )
    .addHelpText(
      "after",
      "\nThe id is our payment's, a receipt's or a Merchant transaction's.\n\n" +
        "Exit code 0: told. 1: the books do not know it. 2: could not run.",
    )
    .action(async (id: string, flags: Flags) => end(await run(id, flags, io)));
};

const MODES = ["live", "test"] as const;

async function run(id: string, flags: Flags, io: CliIo): Promise<ExitCode> {
  const { cashbox, mode, schema, reference, json, database: url = io.env.DATABASE_URL } = flags;
  const modes = MODES.filter((each) => mode === undefined || each === mode);
  if (modes.length === 0) throw new UsageError("--mode: give live or test");
  if (!url) throw new UsageError("give --database, or set DATABASE_URL");
  const database = openDatabase(url, schema);
  const key: StoryKey = reference ? { reference: id } : id;
  try {
    const { sql, tables } = database;
    const verbsOf = sqlVerbs(tables, sql.dialect);
    let story: PaymentStory | undefined;
    for (const each of modes) {
      story ??= await sql.read((executor) => storyOf(verbsOf(executor), { cashbox, mode: each }, key));
    }
    if (story === undefined) {
      if (json) io.out("null");
      complain(
        io,
        `the books know no ${reference ? "reference" : "id"} ${JSON.stringify(id)} of the cashbox ${cashbox} (${modes.join(", ")})`,
      );
      return ExitCode.FOUND;
    }
    for (const line of json ? [JSON.stringify(story, null, 2)] : linesOf(story)) io.out(line);
    return ExitCode.OK;
  } finally {
    await database.close();
  }
}

function linesOf({ payment, entries, sums, open }: PaymentStory): string[] {
  const { taken, refunding, refunded } = sums;
  const subject = payment === null ? "order of the shop" : `payment ${payment.id}: ${payment.status}`;
  const money = `taken ${inSom(taken)}, on its way back ${inSom(refunding)}, back ${inSom(refunded)}`;
  return [subject, ...entries.map(lineOf), money, ...open.map((kind) => `to do: ${remedyOf(kind)}`)];
}

function lineOf({ at, who, what, verdict, money, paymeId }: StoryEntry): string {
  const time = new Date(at).toISOString().slice(0, 19).replace("T", " ");
  const details = [money === undefined ? "" : inSom(money), paymeId ?? ""].filter(Boolean).join(", ");
  return `${time}Z  ${who.padEnd(6)}  ${what}: ${verdict}${details === "" ? "" : ` (${details})`}`;
}

const inSom = (amount: Tiyin) => `${formatSom(amount)} som`;
