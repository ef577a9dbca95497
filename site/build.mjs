/** Builds the site into `dist`: pages, reference, search. Ends with 1 where a page links what is not there. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "astro";
import { deadLinks } from "./dead-links.mjs";
import { llmsText, writePages } from "./pages.mjs";
import { writeReference } from "./reference.mjs";

process.env.ASTRO_TELEMETRY_DISABLED = "1";
const dist = join(import.meta.dirname, "dist");
writePages();
await writeReference();
await build({ root: import.meta.dirname, logLevel: "error" });
writeFileSync(join(dist, "llms.txt"), llmsText());
const dead = deadLinks(dist);
for (const line of dead) process.stderr.write(`${line}\n`);
process.exitCode = dead.length === 0 ? 0 : 1;
