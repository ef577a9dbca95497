import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { SETTINGS } from "./adopt-command";

const root = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
/** Prints, as the process ends, the most memory that it had. */
const TELL_MEMORY = `data:text/javascript,process.on("exit",()=>process.stderr.write("peak "+process.resourceUsage().maxRSS+"\\n"))`;

/** `npm run adopt` in a process of its own, that can be killed. */
export function adoptProcess(folder: string, url: string, ...words: string[]) {
  const main = root("examples/express-wedy/src/adopt/main.ts");
  const child = spawn(
    process.execPath,
    ["--import", import.meta.resolve("tsx"), "--import", TELL_MEMORY, main, ...words],
    {
      cwd: folder,
      env: { PATH: process.env.PATH, TSX_TSCONFIG_PATH: root("tsconfig.json"), ...SETTINGS, DATABASE_URL: url },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  onTestFinished(() => void child.kill("SIGKILL"));
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      text += String(chunk);
    });
  }
  return {
    child,
    output: () => text,
    /** Waits for its end; gives the exit code, and the peak of its memory in MB. */
    async end() {
      const [code] = await once(child, "close");
      return { code, megabytes: Math.round(Number(/peak (\d+)/.exec(text)?.[1]) / 1024) };
    },
  };
}
