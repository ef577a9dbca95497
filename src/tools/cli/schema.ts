import type { Command } from "commander";
import { ledgerMigrations, schemaScript } from "../../storage/sql/migrations";
import { tableNames } from "../../storage/sql/tables";
import { subscriptionMigrations, subscriptionTableNames } from "../../subscriptions/subscription-tables";
import { tariffSteps, tariffTableNames } from "../../tariffs/tariff-tables";
import { asUsage, type CliIo, ExitCode, UsageError } from "./io";

interface Flags {
  readonly postgres?: true;
  readonly sqlite?: true;
  readonly schema?: string;
  readonly tariffs?: true;
  readonly subscriptions?: true;
}

/** `payme-kit schema`: prints the SQL of the tables that `storage.migrate()` makes. */
export function schemaCommand(program: Command, io: CliIo, end: (code: ExitCode) => void): void {
  program
    .command("schema")
    .description("print the SQL of the tables that storage.migrate() makes")
    .option("--postgres", "print SQL for PostgreSQL")
    .option("--sqlite", "print SQL for SQLite")
    .option("--schema <name>", "the schema of the tables in PostgreSQL (default: payme)")
    .option("--tariffs", "also print the tables of tariffs")
    .option("--subscriptions", "also print the tables of subscriptions")
    .addHelpText(
      "after",
      "\nExample: payme-kit schema --postgres --tariffs > payme.sql\n\n" +
        "On a database with these tables, migrate() changes nothing and needs no right to make tables.",
    )
    .action((flags: Flags) => {
      io.out(script(flags));
      end(ExitCode.OK);
    });
}

function script(flags: Flags): string {
  if ((flags.postgres === true) === (flags.sqlite === true))
    throw new UsageError("give --postgres or --sqlite, one of them");
  if (flags.sqlite === true && flags.schema !== undefined) throw new UsageError("--schema: SQLite has no schemas");
  const dialect = flags.postgres === true ? "postgres" : "sqlite";
  const schema = dialect === "postgres" ? (flags.schema ?? "payme") : undefined;
  const tables = asUsage(() => tableNames({}, schema));
  const parts = [
    ledgerMigrations(tables, dialect),
    ...(flags.tariffs === true ? [tariffSteps(tariffTableNames({}, schema), dialect)] : []),
    ...(flags.subscriptions === true ? [subscriptionMigrations(subscriptionTableNames({}, schema))] : []),
  ];
  const statements = schemaScript({ dialect, schema }, tables, parts);
  return ["BEGIN", ...statements.map(tidy), "COMMIT"].map((statement) => `${statement};`).join("\n\n");
}

/** The statements have the indentation of the code around them. */
function tidy(statement: string): string {
  return statement.replace(/\n {8}/g, "\n");
}
