import { describe, expect, it } from "vitest";
import { som } from "../../src/kit/money";
import { markets } from "./market";

describe.each(markets)("the catalogue (%s)", (_name, open) => {
  it("refuses a tariff that does not fit, and keeps nothing of it", async () => {
    const { tariffs } = await open();
    await expect(tariffs.create({ name: "Free", price: som(0), durationDays: 30 })).rejects.toThrow(/^price: give/);
    expect((await tariffs.list()).total).toBe(2);
  });

  it.each([0, -1, 1.5, Number.NaN, 99, 2 ** 40])("knows no tariff %d", async (id) => {
    const { tariffs } = await open();
    const unknown = { name: "PaymeValidationError", code: "NOT_FOUND" };
    await expect(tariffs.get(id)).rejects.toMatchObject(unknown);
    await expect(tariffs.change(id, { price: som(1) })).rejects.toMatchObject(unknown);
    await expect(tariffs.deactivate(id)).rejects.toMatchObject(unknown);
  });

  it.each([
    [{ skip: -1 }, /^skip:/],
    [{ skip: 0.5 }, /^skip:/],
    [{ limit: 0 }, /^limit:/],
    [{ limit: 101 }, /^limit:/],
  ])("refuses the page %j", async (query, message) => {
    const { tariffs } = await open();
    await expect(tariffs.list(query)).rejects.toThrow(message);
  });

  it("lists ten from the first where not told, and says which page it is", async () => {
    const { tariffs, basic, premium } = await open();
    expect(await tariffs.list()).toEqual({ total: 2, tariffs: [basic, premium], page: 1, size: 10 });
    expect(await tariffs.list({ skip: 1, limit: 1 })).toEqual({ total: 2, tariffs: [premium], page: 2, size: 1 });
    expect(await tariffs.list({ skip: 0, limit: 100 })).toMatchObject({ page: 1, size: 100 });
  });

  it("takes a tariff off sale, as often as it is asked, and puts it back", async () => {
    const { tariffs, basic, premium } = await open();
    expect(await tariffs.deactivate(basic.id)).toEqual({ ...basic, isActive: false });
    expect(await tariffs.deactivate(basic.id)).toEqual({ ...basic, isActive: false });
    expect((await tariffs.list({ activeOnly: true })).tariffs).toEqual([premium]);
    expect(await tariffs.change(basic.id, { isActive: true })).toEqual(basic);
  });

  it("changes the fields given", async () => {
    const { tariffs, basic } = await open();
    await expect(tariffs.change(basic.id, { name: "New", price: som(0) })).rejects.toThrow(/^price: give/);
    expect(await tariffs.get(basic.id)).toEqual(basic);
    expect(await tariffs.change(basic.id, { name: "New" })).toEqual({ ...basic, name: "New" });
  });
});
