import { expect, it } from "vitest";
import { refusal } from "../../merchant/refusal";
import { TEST_KEY } from "../../merchant/shop";
import { onEachStorage, paid } from "./on-each-storage";

const sale = { receipt_id: 341, status_code: 0, message: "accepted", terminal_id: "EP1", date: "20260101050105" };
const scope = { cashbox: "default", mode: "live" } as const;

onEachStorage("SetFiscalData", (open) => {
  it.each([
    ["an unknown receipt", { id: "x", type: "PERFORM", fiscal_data: sale }, refusal(-32001)],
    ["another type", { id: "a", type: "SALE", fiscal_data: sale }, refusal(-32602, "type")],
    ["no type", { id: "a", fiscal_data: sale }, refusal(-32602, "type")],
    ["no data", { id: "a", type: "PERFORM" }, refusal(-32602, "fiscal_data")],
    ["data that is a list", { id: "a", type: "PERFORM", fiscal_data: [] }, refusal(-32602, "fiscal_data")],
    ["no id", { type: "PERFORM", fiscal_data: sale }, refusal(-32602, "id")],
  ])("refuses %s", async (_name, params, expected) => {
    const shop = await paid(await open());
    expect(await shop.twice("SetFiscalData", params)).toEqual(expected);
    expect(await shop.storage.findTransaction(scope, "a")).toMatchObject({ fiscalPerform: null, fiscalCancel: null });
  });

  it("keeps PERFORM and CANCEL apart, each as it came", async () => {
    const shop = await paid(await open());
    await shop.call("CancelTransaction", { id: "a", reason: 5 });
    const refund = { ...sale, receipt_id: "342", qr_code_url: "https://ofd.example/check?r=342" };
    const ok = { result: { success: true }, id: 7 };
    expect(await shop.twice("SetFiscalData", { id: "a", type: "PERFORM", fiscal_data: sale })).toEqual(ok);
    expect(await shop.twice("SetFiscalData", { id: "a", type: "CANCEL", fiscal_data: refund })).toEqual(ok);
    expect(await shop.storage.findTransaction(scope, "a")).toMatchObject({ fiscalPerform: sale, fiscalCancel: refund });
  });

  it.each([
    [0, true],
    ["0", true],
    [undefined, undefined],
    [null, undefined],
    [5, false],
    [-1, false],
    ["5", false],
    ["", false],
    [false, false],
  ])("tells the hook of status_code %j that accepted is %s, and keeps the data as it came", async (code, accepted) => {
    const seen: unknown[] = [];
    const shop = await paid(await open({ onFiscalData: (fiscal, { id }) => void seen.push([id, fiscal]) }));
    const data = JSON.parse(JSON.stringify({ ...sale, status_code: code }));
    await shop.twice("SetFiscalData", { id: "a", type: "PERFORM", fiscal_data: data });
    expect(seen).toEqual([["a", { type: "PERFORM", accepted, data }]]);
    expect((await shop.storage.findTransaction(scope, "a"))?.fiscalPerform).toEqual(data);
  });

  it("does not run the hook again for the same again", async () => {
    const seen: string[] = [];
    const shop = await paid(await open({ onFiscalData: ({ type }) => void seen.push(type) }));
    const params = { id: "a", type: "PERFORM", fiscal_data: sale };
    const answers = await Promise.all(Array.from({ length: 8 }, () => shop.send("SetFiscalData", params)));
    expect(new Set(answers).size).toBe(1);
    await shop.twice("SetFiscalData", params);
    expect(seen).toEqual(["PERFORM"]);
  });

  it("changes neither state nor times", async () => {
    const shop = await paid(await open());
    const before = await shop.send("CheckTransaction", { id: "a" });
    shop.pass(1_000);
    await shop.twice("SetFiscalData", { id: "a", type: "CANCEL", fiscal_data: sale });
    expect(await shop.send("CheckTransaction", { id: "a" })).toBe(before);
  });

  it("does not find the transaction of another mode", async () => {
    const shop = await paid(await open());
    const params = { id: "a", type: "PERFORM", fiscal_data: sale };
    expect(await shop.twice("SetFiscalData", params, TEST_KEY)).toEqual(refusal(-32001));
  });
});
