import { ledgerMigrations, schemaScript } from "../../storage/sql/migrations";
import { tableNames } from "../../storage/sql/tables";
import { subscriptionMigrations, subscriptionTableNames } from "../../subscriptions/subscription-tables";
import { tariffSteps, tariffTableNames } from "../../tariffs/tariff-tables";
import type { AddCommand } from "./add-command";
import { examples } from "./examples";
import { asUsage, ExitCode, UsageError } from "./io";

interface Flags {
  readonly postgres?: true;
  readonly sqlite?: true;
  readonly schema?: string;
  readonly tariffs?: true;
  readonly subscriptions?: true;
  readonly json?: true;
}

/** `payme-kit schema`: prints the SQL of the tables that `storage.migrate()` makes. */
export const schemaCommand: AddCommand = (command, io, end) => {
  command
    .option("--postgres", "print SQL for PostgreSQL")
    .option("--sqlite", "print SQL for SQLite")
    .option("--schema <name>", "the schema of the tables in PostgreSQL (default: payme)")
    .option("--tariffs", "also print the tables of tariffs")
    .option("--subscriptions", "also print the tables of subscriptions")
    .option("--json", "print one JSON document: {dialect, schema, statements}")
    .addHelpText(
      "after",
      examples({
        posix: ["npx payme-kit schema --postgres --tariffs > payme.sql", "npx payme-kit schema --sqlite --json"],
        powershell: ["npx payme-kit schema --postgres --tariffs | Set-Content -Encoding utf8 payme.sql"],
      }),
    )
    .addHelpText(
      "after",
      "\nOn a database with these tables, migrate() changes nothing and needs no right to make tables.\n\n" +
        "Exit code 0: printed. 2: could not run.",
    )
    .action((flags: Flags) => {
      const { dialect, schema = null, statements } = script(flags);
      const text = statements.map((statement) => `${statement};`).join("\n\n");
      io.out(flags.json === true ? JSON.stringify({ dialect, schema, statements }, null, 2) : text);
      end(ExitCode.OK);
    });
};

function script(flags: Flags) {
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
  return { dialect, schema, statements: ["BEGIN", ...statements.map(tidy), "COMMIT"] };
}

/** The statements have the indentation of the code around them. */
function tidy(statement: string): string {
  return statement.replace(/\n {8}/g, "\n");
}
