import type { Command } from "commander";
import { ledgerMigrations, schemaScript } from "../../storage/sql/migrations";
import { tableNames } from "../../storage/sql/tables";
import { tariffSteps, tariffTableNames } from "../../tariffs/tariff-tables";
import { asUsage } from "./as-usage";
import { type CliIo, ExitCode, UsageError } from "./io";

interface Flags {
  readonly postgres?: true;
  readonly sqlite?: true;
  readonly schema?: string;
  readonly tariffs?: true;
}

/** `payme-kit schema`: the tables that `storage.migrate()` makes, as SQL for who makes them by hand. */
export function schemaCommand(program: Command, io: CliIo, end: (code: ExitCode) => void): void {
  program
    .command("schema")
    .description("print the tables that storage.migrate() makes, as SQL")
    .option("--postgres", "for PostgreSQL")
    .option("--sqlite", "for SQLite")
    .option("--schema <name>", "PostgreSQL: the schema of the tables (default: payme)")
    .option("--tariffs", "the tables of tariffs, too")
    .addHelpText(
      "after",
      "\nOn a database made by it migrate() finds everything done, and needs no right to make tables.",
    )
    .action((flags: Flags) => {
      io.out(script(flags));
      end(ExitCode.OK);
    });
}

function script(flags: Flags): string {
  if ((flags.postgres === true) === (flags.sqlite === true))
    throw new UsageError("give --postgres or --sqlite, one of them");
  if (flags.sqlite === true && flags.schema !== undefined) throw new UsageError("--schema: SQLite has none");
  const dialect = flags.postgres === true ? "postgres" : "sqlite";
  const schema = dialect === "postgres" ? (flags.schema ?? "payme") : undefined;
  const tables = asUsage(() => tableNames({}, schema));
  const parts = [
    ledgerMigrations(tables, dialect),
    ...(flags.tariffs === true ? [tariffSteps(tariffTableNames({}, schema), dialect)] : []),
  ];
  const statements = schemaScript({ dialect, schema }, tables, parts);
  return ["BEGIN", ...statements.map(tidy), "COMMIT"].map((statement) => `${statement};`).join("\n\n");
}

/** Our statements are indented as the code is that holds them. */
function tidy(statement: string): string {
  return statement.replace(/\n {8}/g, "\n");
}
