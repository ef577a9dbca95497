import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { findPostgres, postgresUser } from "./binaries";

/** A PostgreSQL of the tests' own, on a free port of this machine, in a folder that goes with it. */
export interface Cluster {
  /** Of its first database; others differ in the last part. */
  readonly url: string;
  /** Makes an empty database and gives its URL. */
  createDatabase(): Promise<string>;
  /** `kill -9` of the server and everything that it started. */
  kill(): Promise<void>;
  /** Starts it again on the same folder, after {@link kill}. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface ClusterOptions {
  /** On: a commit is on disk before it is answered, as in production. Off (the default): faster, and nothing is lost but at a power cut. */
  readonly fsync?: boolean | undefined;
  /** How much of its tables it keeps in memory. Default 128 MB, its own default. */
  readonly sharedBuffersMb?: number | undefined;
  /** Further settings, as in postgresql.conf: `["archive_mode=on"]`. */
  readonly settings?: readonly string[] | undefined;
  /** Makes its data folder, in place of `initdb`: from a backup. */
  readonly restore?: ((data: string) => Promise<void>) | undefined;
}

/** How long a start may take, and how often it is made anew. */
const ATTEMPT_MS = 10_000;
const MAX_ATTEMPTS = 6;

/** Makes a cluster and starts it. Whatever becomes of this process, the server ends with it and removes its folder. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const { fsync = false, sharedBuffersMb = 128, restore } = options;
  const binaries = findPostgres();
  if (binaries === undefined) throw new Error(NO_POSTGRES);
  const user = postgresUser();
  const folder = mkdtempSync(join(tmpdir(), "payme-postgres-"));
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, "data");
  const initdb = ["-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"];
  if (restore !== undefined) await restore(data);
  else await promisify(execFile)(join(binaries, "initdb"), initdb, { ...user, cwd: folder });
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const settings = [`port=${port}`, "listen_addresses=127.0.0.1", `unix_socket_directories=${folder}`];
  settings.push("max_connections=200", `fsync=${fsync ? "on" : "off"}`, "log_min_messages=fatal");
  settings.push(`shared_buffers=${sharedBuffersMb}MB`, ...(options.settings ?? []));

  /** The shell waits for our end of the pipe to close; then it takes the server with it, and the folder unless told to keep it. */
  function spawnServer() {
    const supervised =
      '"$@" & read -r told; kill -INT $! 2>/dev/null; wait $!; [ "$told" = keep ] || rm -rf -- "$PWD"; exit 0';
    const command = ["-c", supervised, "sh", join(binaries ?? "", "postgres"), "-D", data];
    command.push(...settings.flatMap((setting) => ["-c", setting]));
    const shell = spawn("sh", command, { ...user, cwd: folder, stdio: ["pipe", "ignore", "ignore"] });
    // A test process that ends does not wait for its servers: they hear of it.
    shell.unref();
    return shell;
  }

  /** A server that was killed may have left a process that was just born: until that has ended too, a new one refuses to start. */
  async function start() {
    let shell = spawnServer();
    for (let attempt = 1; !(await answers(url, ATTEMPT_MS)); attempt += 1) {
      if (attempt === MAX_ATTEMPTS) throw new Error("PostgreSQL did not start");
      await end({ shell }, "keep\n");
      shell = spawnServer();
    }
    return { shell, pid: Number(readFileSync(join(data, "postmaster.pid"), "utf8").split("\n")[0]) };
  }

  async function end({ shell }: { readonly shell: ChildProcess }, told = ""): Promise<void> {
    if (shell.exitCode !== null || shell.signalCode !== null) return;
    shell.ref();
    const exited = once(shell, "exit");
    shell.stdin?.end(told);
    await exited;
  }

  let running = await start();
  let databases = 0;
  return {
    url,
    async createDatabase() {
      databases += 1;
      const name = `test_${process.pid}_${databases}`;
      await withClient(url, (client) => client.query(`CREATE DATABASE ${name}`));
      return url.replace(/[^/]*$/, name);
    },
    async kill() {
      const backends = childrenOf(running.pid);
      for (const pid of [running.pid, ...backends]) killHard(pid);
      await end(running, "keep\n");
    },
    async restart() {
      running = await start();
    },
    async stop() {
      await end(running);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a machine without PostgreSQL is told. */
export const NO_POSTGRES =
  "no PostgreSQL on this machine (looked for initdb and postgres in /usr/lib/postgresql, PATH and POSTGRES_BIN); on Debian: apt-get install postgresql";

/** Runs work on a connection of its own. */
export async function withClient<R>(url: string, work: (client: pg.Client) => Promise<R>): Promise<R> {
  const client = new pg.Client({ connectionString: url });
  // A server that is killed meanwhile is told by the query, not by an event.
  client.on("error", () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** True once the server answers; false where it has not within the time. */
async function answers(url: string, withinMs: number): Promise<boolean> {
  for (const deadline = Date.now() + withinMs; Date.now() < deadline; ) {
    try {
      await withClient(url, (client) => client.query("SELECT 1"));
      return true;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  return false;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (typeof address === "object" && address !== null) return address.port;
  throw new Error("no free port");
}

function childrenOf(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? readFileSync(file, "utf8").trim().split(" ").filter(Boolean).map(Number) : [];
}

function killHard(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
