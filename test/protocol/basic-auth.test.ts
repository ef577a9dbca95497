import { describe, expect, it } from "vitest";
import { basicCredentials } from "../../src/protocol/basic-auth";

const base64 = (text: string | Uint8Array) => Buffer.from(text).toString("base64");

describe("the credentials of a Basic header", () => {
  it.each([
    [`Basic ${base64("Paycom:key")}`, "Paycom", "key"],
    [`basic   ${base64("Paycom:key")}  `, "Paycom", "key"],
    [`Basic ${base64("Paycom:a:b")}`, "Paycom", "a:b"],
    [`Basic ${base64(":key")}`, "", "key"],
    [`Basic ${base64("Paycom:ключ")}`, "Paycom", "ключ"],
  ])("of %j", (header, login, password) => {
    expect(basicCredentials(header)).toEqual({ login, password });
  });

  it.each([
    undefined,
    "",
    "Basic",
    "Basic =",
    `Bearer ${base64("Paycom:key")}`,
    `Not Basic ${base64("Paycom:key")}`,
    `Basic ${base64("Paycom:key")} more`,
    `Basic ${base64("no colon")}`,
    `Basic ${base64(new Uint8Array([0x50, 0x3a, 0xff]))}`,
  ])("are none in %j", (header) => {
    expect(basicCredentials(header)).toBeUndefined();
  });
});
