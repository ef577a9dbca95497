import { loadEnvFile } from "../env-file";
import { runCommand } from "./run-command";

const writeTo = (stream: NodeJS.WriteStream) => (line: string) => void stream.write(`${line}\n`);

loadEnvFile();
process.exitCode = await runCommand(process.argv.slice(2), {
  env: process.env,
  folder: process.cwd(),
  print: writeTo(process.stdout),
  say: writeTo(process.stderr),
});
