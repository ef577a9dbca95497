// What a runtime tells the test: which entries it loads, what the core does, where it serves.
import { core } from "./shop.mjs";

export async function tell(url) {
  const entries = [];
  const refused = {};
  for (const entry of process.argv.slice(3)) {
    try {
      if (Object.keys(await import(entry)).length > 0) entries.push(entry);
    } catch (error) {
      refused[entry] = String(error);
    }
  }
  console.log(JSON.stringify({ url, core: await core(), entries, refused }));
}
