import { describe, expect, it } from "vitest";
import { letIn, type MerchantRequest } from "../../src/merchant/gate";

const answer = (request: Partial<MerchantRequest>) =>
  letIn(
    { method: "POST", headers: { authorization: "the key" }, body: "{}", ...request },
    {
      keys: { modeOf: (authorization) => (authorization === "the key" ? "live" : undefined) },
      allowFrom: undefined,
      limitBytes: 1_000,
    },
  );
const refused = (request: Partial<MerchantRequest>) => {
  const result = answer(request);
  return "refusal" in result ? [result.refusal.code, result.refusal.data, result.idText] : "let in";
};

describe("an envelope", () => {
  const params = {};

  it.each([
    ["null", undefined],
    ["[]", undefined],
    ['"text"', undefined],
    ["1", undefined],
    ['{"params":{},"id":1}', "method"],
    ['{"method":"","params":{},"id":1}', "method"],
    ['{"method":1,"params":{},"id":1}', "method"],
    ['{"method":"Check","id":1}', "params"],
    ['{"method":"Check","params":[],"id":1}', "params"],
    ['{"method":"Check","params":{},"id":{}}', "id"],
    ['{"method":"Check","params":{},"id":[1]}', "id"],
    ['{"method":"Check","params":{},"id":true}', "id"],
  ])("%s is refused with -32600, naming %s", (body, data) => {
    const id = data === "method" || data === "params" ? "1" : "null";
    expect(refused({ body })).toEqual([-32600, data, id]);
  });

  it.each(["", "{", "{'a':1}"])("%j is refused with -32700", (body) => {
    expect(refused({ body })).toEqual([-32700, undefined, "null"]);
  });

  it("that nobody has is -32400 where it was lost, and -32600 where it was too large", () => {
    const body = { method: "Check", params, id: 1 };
    expect(refused({ body, isBodyLost: true })).toEqual([-32400, undefined, "null"]);
    expect(refused({ body, isTooLarge: true })).toEqual([-32600, undefined, "null"]);
    expect(refused({ body, isBodyLost: false, isTooLarge: false })).toBe("let in");
  });

  it("without an id is let in, and answered with null", () => {
    const call = { idText: "null", mode: "live", method: "Check", params };
    expect(answer({ body: { method: "Check", params } })).toEqual(call);
    expect(answer({ body: { method: "Check", params, id: null } })).toEqual(call);
  });

  it.each([
    ['{"id":12345678901234567890,"method":"Check","params":{},"n":5}'],
    ['{"list":[1,{"id":6}],"id":12345678901234567890,"method":"Check","params":{"id":7}}'],
    ['{"text":"\\"id\\": 8","id":1,"id":12345678901234567890,"method":"Check","params":{"list":[{"id":9}]}}'],
  ])("%s has its own id, digit by digit", (body) => {
    expect(answer({ body })).toMatchObject({ idText: "12345678901234567890" });
  });

  it("loses the mark before it, and none inside", () => {
    const marked = '\uFEFF{"method":"Check","params":{"note":"a\uFEFFb"}}';
    expect(answer({ body: marked })).toMatchObject({ params: { note: "a\uFEFFb" } });
    expect(answer({ body: marked.slice(1) })).toMatchObject({ params: { note: "a\uFEFFb" } });
  });
});

describe("the key", () => {
  const body = { method: "Check", params: {} };

  it.each([
    [["the key"], "let in"],
    [
      ["the key", "the key"],
      [-32504, undefined, "null"],
    ],
    [[], [-32504, undefined, "null"]],
    [undefined, [-32504, undefined, "null"]],
  ])("in the headers %j: %j", (authorization, result) => {
    expect(refused({ headers: { authorization }, body })).toEqual(result);
  });
});
