import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { merchantMethods } from "../../src/merchant/methods";
import { certifierChecks } from "../../src/tools/certifier/checks";
import { mistakes } from "../faulty/endpoints/mistakes";

const docs = readFileSync(resolve(import.meta.dirname, "../../docs/certify.md"), "utf8");
const methods = [...merchantMethods.keys()];

/**
 * Sources disagree, so these never fail, they warn (mistakes.test.ts); what is about balances only (accumulative.test.ts); and
 * what takes a clock of its own (whole-seconds.test.ts) or a price with tiyin (own-endpoint.test.ts).
 */
const TOLD_ELSEWHERE = [
  "auth.login",
  "check.ends-nothing",
  "check-perform.rounded-amount",
  "create.amount-before-busy",
  "create.repeat-late",
  "create.other-amount",
  "create.second-open",
  "create.after-paid",
  "statement.milliseconds",
];

describe("the list of checks", () => {
  it.each(methods)("has a check and a row in the docs for %s", (method) => {
    expect(certifierChecks.some((check) => check.method === method)).toBe(true);
    expect(docs).toMatch(new RegExp(`^\\| \`${method}\` \\|`, "m"));
  });

  it("has each id once, with its source and how to mend it", () => {
    expect(new Set(certifierChecks.map(({ id }) => id)).size).toBe(certifierChecks.length);
    for (const { id, source, mend, rule } of certifierChecks) {
      expect(source, id).toMatch(/^Payme, .*https:\/\/developer\.help\.paycom\.uz\//);
      expect(mend.length * rule.length, id).toBeGreaterThan(0);
    }
  });

  it("has a failing endpoint for each check", () => {
    const told = new Set([...Object.values(mistakes).flatMap(({ fails }) => fails), ...TOLD_ELSEWHERE]);
    expect(certifierChecks.map(({ id }) => id).filter((id) => !told.has(id))).toEqual([]);
  });

  it("has every id that the table of mistakes names", () => {
    const ids = certifierChecks.map(({ id }) => id);
    expect(
      Object.values(mistakes)
        .flatMap(({ fails }) => fails)
        .filter((id) => !ids.includes(id)),
    ).toEqual([]);
  });
});
