// As start.mjs, for the command that moves the guide's tables in.
import { fileURLToPath } from "node:url";
import { register } from "tsx/esm/api";

register({ tsconfig: fileURLToPath(new URL("tsconfig.json", import.meta.url)) });
await import("./src/adopt/main.ts");
