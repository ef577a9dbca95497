import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The folder with `initdb` and `postgres`; undefined where this machine has none. Debian keeps them off the path. */
export function findPostgres(): string | undefined {
  const debian = versionsIn("/usr/lib/postgresql").map((version) => join("/usr/lib/postgresql", version, "bin"));
  const homebrew = ["/opt/homebrew/bin", "/usr/local/bin"];
  const path = (process.env.PATH ?? "").split(delimiter);
  const folders = [process.env.POSTGRES_BIN ?? "", ...debian, ...path, ...homebrew];
  return folders.find(
    (folder) => folder !== "" && ["initdb", "postgres"].every((name) => existsSync(join(folder, name))),
  );
}

/** PostgreSQL refuses to run as root: who it runs as then. Undefined: as whoever runs the tests. */
export function postgresUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: idOf("-u"), gid: idOf("-g") };
}

/** Newest first. */
function versionsIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort((a, b) => Number(b) - Number(a)) : [];
}
