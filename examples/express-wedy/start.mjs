// Runs the TypeScript as it stands. This folder's tsconfig has no paths: payme-kit is the package, as it is installed.
import { fileURLToPath } from "node:url";
import { register } from "tsx/esm/api";

register({ tsconfig: fileURLToPath(new URL("tsconfig.json", import.meta.url)) });
await import("./src/main.ts");
