import { describe, expect, it } from "vitest";
import { CHECKS } from "../../src/operate/doctor/run-checks";
import { FAULTS } from "./faults";
import { POSTGRES_CHECKS } from "./postgres-checks";
import { look, openWorld, told } from "./world";

describe("a healthy shop", () => {
  it("has nothing wrong, and every check has looked", async () => {
    const findings = await look(await openWorld());
    expect(told(findings)).toEqual([]);
    const inProduction = ["process.memory"];
    const expected = CHECKS.map(({ id }) => id).filter((id) => ![...POSTGRES_CHECKS, ...inProduction].includes(id));
    expect(findings.map(({ check }) => check)).toEqual(expected);
    expect(findings.every(({ fix }) => fix === null)).toBe(true);
  });
});

describe("one fault is one finding", () => {
  it("and each check has a fault of its own", () => {
    const staged = new Set([...FAULTS.map(({ check }) => check), ...POSTGRES_CHECKS]);
    expect(CHECKS.map(({ id }) => id).filter((id) => !staged.has(id))).toEqual([]);
  });

  it.each(FAULTS)("$check: $what", async (fault) => {
    const world = await openWorld();
    await fault.from?.(world);
    const before = told(await look(world));
    await fault.break(world);
    const findings = await look(world);
    const added = told(findings).filter((line) => !before.includes(line));
    expect(added).toEqual([`${fault.check} ${fault.status ?? "wrong"}`]);
    const finding = findings.find(({ check }) => check === fault.check);
    expect(finding?.fix).toMatch(/\w{3}/);
    expect(finding?.group).toBe(fault.check.split(".")[0]);
  });
});
