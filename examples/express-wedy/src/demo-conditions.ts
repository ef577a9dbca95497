import type { Environment } from "./settings-reader";

/** What keeps the server from demo mode. Demo mode hands out tokens, so each of these must be off the table. */
export interface DemoObstacles {
  /** Variables that a real set-up has; with one of them set, nobody meant a demo. */
  readonly settings: readonly string[];
  /** Surroundings that a demo must not have. */
  readonly surroundings: readonly string[];
}

/** The variables and surroundings that rule demo mode out; both empty: it is demo mode. */
export function demoObstacles(env: Environment): DemoObstacles {
  const databaseUrl = env.DATABASE_URL ?? "";
  return {
    settings: Object.keys(env).filter((name) => isSetting(name) && (env[name] ?? "") !== ""),
    surroundings: [
      ...(isLoopback(env.HOST ?? "") ? [] : ["HOST is not a loopback address"]),
      ...(databaseUrl === "" || databaseUrl.startsWith("file:") ? [] : ["DATABASE_URL is not a file"]),
      ...(env.NODE_ENV === "production" ? ["NODE_ENV is production"] : []),
    ],
  };
}

/** PAYME_FLOW says how to pay, which a demo can show, too. */
function isSetting(name: string): boolean {
  return (name.startsWith("PAYME_") && name !== "PAYME_FLOW") || name.startsWith("JWT_SECRET");
}

function isLoopback(host: string): boolean {
  return host === "" || /^(localhost|127(\.\d{1,3}){3}|::1)$/.test(host);
}
