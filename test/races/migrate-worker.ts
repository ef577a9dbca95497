import { openAt } from "./databases";

/** A process of its own that starts on a database which may have no tables yet. */
const { storage, close } = openAt(process.argv[2] ?? "");

process.once("message", async () => {
  const ended = await storage.migrate().then(() => "migrated", String);
  await close();
  process.send?.(ended, () => process.disconnect());
});
process.send?.("ready");
