import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const depcruise = join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
const config = join(root, ".dependency-cruiser.cjs");

/** The rules that a small house breaks. */
function brokenRules(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), "payme-kit-floors-"));
  try {
    writeFileSync(join(directory, "tsconfig.json"), "{}");
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), content);
    }
    const { stdout } = spawnSync(process.execPath, [depcruise, "src", "--config", config], {
      cwd: directory,
      encoding: "utf8",
    });
    return stdout;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

describe("the floors", () => {
  it("hold in this house", () => {
    const output = execFileSync(process.execPath, [depcruise, "src", "--config", config], {
      cwd: root,
      encoding: "utf8",
    });
    expect(output).toContain("no dependency violations found");
  });

  const ledger = { "src/ledger/commit-change.ts": "export const commitChange = 1;\n" };

  it("are found broken by a room that looks up", () => {
    const files = {
      ...ledger,
      "src/protocol/states.ts":
        'import { commitChange } from "../ledger/commit-change";\nexport const a = commitChange;\n',
    };
    expect(brokenRules(files)).toContain("floor-of-protocol");
  });

  it("are found broken by a room that looks at its neighbour", () => {
    const files = {
      ...ledger,
      "src/gateway/webhook.ts":
        'import { commitChange } from "../ledger/commit-change";\nexport const a = commitChange;\n',
    };
    expect(brokenRules(files)).toContain("floor-of-gateway");
  });

  it("are found broken by an entry that reaches a test tool, however far away", () => {
    const files = {
      "src/entry/index.ts": 'export { a } from "../payments/payments";\n',
      "src/payments/payments.ts": 'export { a } from "../testing/mock/mock-core";\n',
      "src/testing/mock/mock-core.ts": "export const a = 1;\n",
    };
    expect(brokenRules(files)).toContain("front-door-stays-light");
  });

  it("are found broken by a fact that needs Node", () => {
    expect(brokenRules({ "src/protocol/hosts.ts": 'import "node:fs";\nexport const a = 1;\n' })).toContain(
      "facts-need-no-node",
    );
  });

  it("are found broken by a file that belongs to no room", () => {
    const files = {
      "src/corner/a.ts": "export const a = 1;\n",
      "src/ledger/b.ts": 'export { a } from "../corner/a";\n',
    };
    expect(brokenRules(files)).toContain("every-file-has-a-room");
  });

  it("are found broken by a circle of types alone", () => {
    const files = {
      "src/ledger/a.ts": 'import type { B } from "./b";\nexport interface A { b: B }\n',
      "src/ledger/b.ts": 'import type { A } from "./a";\nexport interface B { a: A }\n',
    };
    expect(brokenRules(files)).toContain("no-circles");
  });

  it("are found broken by a circle", () => {
    const files = {
      "src/ledger/a.ts": 'import { b } from "./b";\nexport const a = () => b;\n',
      "src/ledger/b.ts": 'import { a } from "./a";\nexport const b = () => a;\n',
    };
    expect(brokenRules(files)).toContain("no-circles");
  });
}, 60_000);
