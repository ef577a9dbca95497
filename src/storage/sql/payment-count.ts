import type { Dialect } from "./executor";
import { quoted, type TableNames, triggerName } from "./tables";

/**
 * Returns a migration: a table with the number of payments of each kind (the sum of `count` over the rows of that kind), its
 * triggers, and the count of present payments. So statistics cost the same with any number of payments.
 *
 * In SQLite, with its one writer, a kind is one row. On PostgreSQL one row would make all payments wait for each other. There
 * each change adds its own rows. From time to time a change sums rows up, and skips rows that another one is summing up.
 */
export function paymentCountMigration(tables: TableNames, dialect: Dialect): readonly string[] {
  const names = {
    payment: quoted(tables.payment),
    count: quoted(tables.count),
    nameOf: (event: string) => triggerName(tables.count, event),
  };
  return dialect === "sqlite" ? sqliteSteps(names) : postgresSteps(names);
}

interface Names {
  readonly payment: string;
  readonly count: string;
  readonly nameOf: (event: string) => string;
}

/** Sums up after `every` new rows, back over `span`: each dead row before a VACUUM costs a read. */
const SUM_UP = { every: 500, span: 5_000 } as const;

/** The kind of a payment; `error_code` is empty without an error of Payme. */
const KIND = "cashbox, mode, status, notified, error_code";
const KIND_COLUMNS = `
          cashbox VARCHAR NOT NULL,
          mode VARCHAR NOT NULL,
          status VARCHAR NOT NULL,
          notified INTEGER NOT NULL,
          error_code VARCHAR NOT NULL,
          count BIGINT NOT NULL`;

/** Returns the kind of the payment in `row`: a table, OLD or NEW. */
const kindOf = (row: string) =>
  `${row}.cashbox, ${row}.mode, COALESCE(${row}.status, ''), CASE WHEN ${row}.webhook_received_ms IS NULL THEN 0 ELSE 1 END, COALESCE(${row}.payme_error_code, '')`;

const COUNTED_COLUMNS = "cashbox, mode, status, webhook_received_ms, payme_error_code";

const countPresent = ({ payment, count }: Names) => `
        INSERT INTO ${count} (${KIND}, count) SELECT ${kindOf(payment)}, COUNT(*) FROM ${payment} GROUP BY 1, 2, 3, 4, 5`;

function sqliteSteps(names: Names): string[] {
  const { payment, count, nameOf } = names;
  const add = (row: "OLD" | "NEW", by: 1 | -1) => `
          INSERT INTO ${count} (${KIND}, count) VALUES (${kindOf(row)}, ${by})
            ON CONFLICT (${KIND}) DO UPDATE SET count = count + excluded.count;`;
  return [
    `CREATE TABLE ${count} (${KIND_COLUMNS},
          PRIMARY KEY (${KIND})
        )`,
    countPresent(names),
    `CREATE TRIGGER ${nameOf("added")} AFTER INSERT ON ${payment} BEGIN${add("NEW", 1)}
        END`,
    `CREATE TRIGGER ${nameOf("changed")} AFTER UPDATE OF ${COUNTED_COLUMNS} ON ${payment} BEGIN${add("OLD", -1)}${add("NEW", 1)}
        END`,
    `CREATE TRIGGER ${nameOf("removed")} AFTER DELETE ON ${payment} BEGIN${add("OLD", -1)}
        END`,
  ];
}

function postgresSteps(names: Names): string[] {
  const { payment, count, nameOf } = names;
  const schema = count.slice(0, count.indexOf(".") + 1);
  // Runs with the rights of the owner: a server needs no right to delete counts. So the caller must not choose the search path.
  const rights = schema === "" ? "" : "SECURITY DEFINER SET search_path = pg_catalog, pg_temp ";
  const functionOf = (name: string) => `${schema}${nameOf(name)}`;
  const counting = (name: string, added: string) =>
    `CREATE FUNCTION ${functionOf(name)}() RETURNS trigger LANGUAGE plpgsql ${rights}AS $body$
        DECLARE
          added BIGINT;
        BEGIN
          ${added}
          IF added % ${SUM_UP.every} < 2 THEN
            WITH chosen AS (SELECT id FROM ${count} WHERE id > added - ${SUM_UP.span} FOR UPDATE SKIP LOCKED),
              taken AS (DELETE FROM ${count} WHERE id IN (SELECT id FROM chosen) RETURNING *)
            INSERT INTO ${count} (${KIND}, count)
              SELECT ${KIND}, SUM(count) FROM taken GROUP BY ${KIND} HAVING SUM(count) <> 0;
          END IF;
          RETURN NULL;
        END $body$`;
  const add = (row: "OLD" | "NEW", by: 1 | -1) =>
    `INSERT INTO ${count} (${KIND}, count) VALUES (${kindOf(row)}, ${by}) RETURNING id INTO added;`;
  return [
    `CREATE TABLE ${count} (
          id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,${KIND_COLUMNS}
        )`,
    // By statement: an import of a million payments adds a row for each kind, not a million rows.
    counting(
      "counted",
      `WITH sums AS (
            INSERT INTO ${count} (${KIND}, count)
              SELECT ${kindOf("moved")}, CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END * COUNT(*) FROM moved GROUP BY 1, 2, 3, 4, 5
              RETURNING id)
            SELECT MAX(id) INTO added FROM sums;`,
    ),
    // By row: payments change one at a time, and this is faster.
    counting(
      "recounted",
      `${add("OLD", -1)}
          ${add("NEW", 1)}`,
    ),
    `CREATE FUNCTION ${functionOf("emptied")}() RETURNS trigger LANGUAGE plpgsql ${rights}AS $body$
        BEGIN
          DELETE FROM ${count};
          RETURN NULL;
        END $body$`,
    // Before the count of present payments: from here on no other transaction writes payments until this step commits.
    `CREATE TRIGGER ${nameOf("added")} AFTER INSERT ON ${payment} REFERENCING NEW TABLE AS moved
          FOR EACH STATEMENT EXECUTE FUNCTION ${functionOf("counted")}()`,
    `CREATE TRIGGER ${nameOf("removed")} AFTER DELETE ON ${payment} REFERENCING OLD TABLE AS moved
          FOR EACH STATEMENT EXECUTE FUNCTION ${functionOf("counted")}()`,
    `CREATE TRIGGER ${nameOf("changed")} AFTER UPDATE OF ${COUNTED_COLUMNS} ON ${payment}
          FOR EACH ROW EXECUTE FUNCTION ${functionOf("recounted")}()`,
    `CREATE TRIGGER ${nameOf("emptied")} AFTER TRUNCATE ON ${payment} FOR EACH STATEMENT EXECUTE FUNCTION ${functionOf("emptied")}()`,
    countPresent(names),
  ];
}
