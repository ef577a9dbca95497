import { type StorageSuiteOptions, storageSuite } from "../../../src/entry/testing";

/** Runs the suite with a runner that collects: which groups failed, with what the report says of each case that did. */
export async function failedGroups<Tx>(
  options: Pick<StorageSuiteOptions<Tx>, "create" | "durable" | "shared" | "processes" | "witness">,
): Promise<Record<string, string[]>> {
  const cases: { group: string; title: string; run: () => Promise<void> }[] = [];
  let group = "";
  const runner = {
    describe(title: string, define: () => void) {
      group = title.replace("faulty: ", "");
      define();
    },
    it: (title: string, run: () => Promise<void>) => cases.push({ group, title, run }),
  };
  storageSuite({ processes: false, ...options, runner, name: "faulty" });
  const failed: Record<string, string[]> = {};
  for (const each of cases) {
    await each.run().catch((error: unknown) => {
      failed[each.group] = [...(failed[each.group] ?? []), String(error)];
    });
  }
  return failed;
}
