import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { makeProject, output, pack } from "./projects";

const work = mkdtempSync(join(tmpdir(), "payme-kit-lowest-"));
const lowest = Object.entries(manifest.dependencies).map(([name, range]) => [name, range.replace(/^\^/, "")] as const);

/** A call to the mock, a charge that is refused, arguments and an answer that do not fit, a signature. */
const SCENARIO = `
const mock = createMockPayme();
const client = createPaymeClient({ merchantId: mock.merchantId, key: mock.key, mode: "test", fetch: mock.fetch });
const amount = som(50_000);
const account = { order_id: 197 };
const run = async () => {
  const { _id, state } = await client.receipts.create({ amount, account });
  const read = await client.receipts.get(_id);
  const charged = await client.pay({ receiptId: _id, token: "6".repeat(24) });
  const wrong = await client.receipts.create({ amount: -1, account }).catch((error) => error);
  const odd = createPaymeClient({ merchantId: mock.merchantId, key: mock.key, fetch: async () => new Response('{"result":{"state":"4"}}') });
  const misread = await odd.receipts.check(_id).catch((error) => error);
  const signature = signPayload('{"a":1.0}', "secret");
  console.log(JSON.stringify({
    state, amount: read.amount, charged: [charged.status, charged.reason], wrong: wrong.message, misread: misread.message,
    verified: verifySignature('{"a":1.0}', signature, "secret"),
  }));
};
run();
`;
const NAMES = "createPaymeClient, signPayload, som, verifySignature";

describe("with the lowest ky and zod of package.json's ranges", () => {
  beforeAll(() => {
    const packages = [pack(work).file, ...lowest.map(([name, version]) => `${name}@${version}`)];
    makeProject(join(work, "module"), "module", packages);
    makeProject(join(work, "commonjs"), "commonjs", packages);
  });

  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it.each([
    ["module", `import { ${NAMES} } from "payme-kit";\nimport { createMockPayme } from "payme-kit/testing";`],
    [
      "commonjs",
      `const { ${NAMES} } = require("payme-kit");\nconst { createMockPayme } = require("payme-kit/testing");`,
    ],
  ])("calls, is refused, checks and signs, as %s", (type, imports) => {
    const project = join(work, type);
    for (const [name, version] of lowest) {
      const installed = JSON.parse(readFileSync(join(project, "node_modules", name, "package.json"), "utf8"));
      expect(installed.version).toBe(version);
    }
    writeFileSync(join(project, "scenario.js"), imports + SCENARIO);
    const said = JSON.parse(output(project, "scenario.js"));
    expect(said).toMatchObject({ state: 0, amount: 5_000_000, charged: ["declined", "card"], verified: true });
    expect(said.wrong).toBe("receipts.create: amount must be a whole number of tiyin, more than 0. Nothing was sent.");
    expect(said.misread).toContain("result.state: expected");
  });
});
