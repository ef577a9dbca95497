import { describe, expect, it } from "vitest";
import { PaymeConfigError } from "../../src/kit/errors";
import { addressRanges, isAllowedAddress, PAYME_ADDRESSES } from "../../src/merchant/addresses";

const isAllowed = (allowed: string | readonly string[], address: string) =>
  isAllowedAddress(addressRanges([allowed].flat()) ?? [], address);

describe("an address is let in however it is written", () => {
  it.each([
    ["2001:db8::1", "2001:db8:0:0:0:0:0:1"],
    ["2001:db8:0:0:0:0:0:1", "2001:db8::1"],
    ["2001:DB8::1", "2001:0db8::0001"],
    ["::", "0:0:0:0:0:0:0:0"],
    ["::1", "0:0:0:0:0:0:0:1"],
    ["1::", "1:0:0:0:0:0:0:0"],
    ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
    ["::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"],
    ["185.234.113.1", "::ffff:185.234.113.1"],
    ["185.234.113.1", "::FFFF:b9ea:7101"],
    ["185.234.113.1", "0:0:0:0:0:ffff:185.234.113.1"],
    ["::ffff:b9ea:7101", "185.234.113.1"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
    ["0.0.0.0", "0.0.0.0"],
    ["255.255.255.255", "255.255.255.255"],
  ])("%s lets %s in", (allowed, address) => {
    expect(isAllowed(allowed, address)).toBe(true);
  });

  it.each([
    ["185.234.113.1", "185.234.113.2"],
    ["185.234.113.1", "::185.234.113.1"],
    ["185.234.113.1", "185.234.113.1:443"],
    ["185.234.113.1", "185.234.113.01"],
    ["185.234.113.1", "185.234.113.1/32"],
    ["2001:db8::1", "2001:db8::1:1"],
    ["2001:db8::1", "[2001:db8::1]"],
    ["fe80::1", "fe80::1%eth0"],
    ["::1", "localhost"],
    ["::1", ""],
  ])("%s does not let %s in", (allowed, address) => {
    expect(isAllowed(allowed, address)).toBe(false);
  });
});

describe("a range lets in what it covers", () => {
  it.each([
    [
      "185.234.113.0/27",
      ["185.234.113.0", "185.234.113.31", "::ffff:185.234.113.15"],
      ["185.234.112.255", "185.234.113.32"],
    ],
    ["185.234.113.15/28", ["185.234.113.0", "185.234.113.15"], ["185.234.113.16"]],
    ["185.234.113.1/32", ["185.234.113.1"], ["185.234.113.0", "185.234.113.2"]],
    ["128.0.0.0/1", ["255.255.255.255"], ["127.255.255.255"]],
    ["0.0.0.0/0", ["0.0.0.0", "255.255.255.255", "::ffff:1.2.3.4"], ["::1", "2001:db8::1"]],
    ["2001:db8::/32", ["2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"], ["2001:db9::", "2001:db7:ffff::"]],
    ["2001:db8::1/128", ["2001:db8::1"], ["2001:db8::"]],
    ["2001:db8::/127", ["2001:db8::1"], ["2001:db8::2"]],
    ["::/0", ["::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"], ["185.234.113.1", "::ffff:185.234.113.1"]],
    ["::ffff:185.234.113.0/123", ["185.234.113.31"], ["185.234.113.32", "::1"]],
    ["::ffff:0:0/96", ["1.2.3.4"], ["::1"]],
  ])("%s", (range, inside, outside) => {
    expect(inside.filter((address) => !isAllowed(range, address))).toEqual([]);
    expect(outside.filter((address) => isAllowed(range, address))).toEqual([]);
  });

  it("among others", () => {
    const allowed = ["10.0.0.1", "2001:db8::/32", "185.234.113.0/27"];
    expect(isAllowed(allowed, "185.234.113.7")).toBe(true);
    expect(isAllowed(allowed, "10.0.0.2")).toBe(false);
  });

  it("Payme's addresses are 15 of a /28", () => {
    expect(PAYME_ADDRESSES.filter((address) => isAllowed("185.234.113.0/28", address))).toHaveLength(15);
  });
});

describe("a text that cannot be an address is refused at start", () => {
  const texts = [
    ...[
      "",
      " ",
      "payme.uz",
      "185.234.113.*",
      "185.234.113.1-15",
      "185.234.113.1:443",
      " 185.234.113.1",
      "185.234.113.1\n",
    ],
    ...[
      "1.2.3",
      "1.2.3.4.5",
      "1.2.3.256",
      "01.2.3.4",
      "1.2.3.04",
      "1.2.3.-4",
      "1.2.3.+4",
      "0x1.2.3.4",
      "1e1.2.3.4",
      "1..2.3",
    ],
    ...[
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9",
      "1:2:3:4:5:6:7:8::",
      "::1:2:3:4:5:6:7:8",
      "1::2::3",
      ":::",
      ":",
      "1:",
      ":1",
    ],
    ...[
      "12345::",
      "g::",
      "::-1",
      "fe80::1%eth0",
      "[::1]",
      "::1.2.3",
      "1.2.3.4::",
      "1:2:3:4:5:6:7:1.2.3.4",
      "::1.2.3.4:5",
    ],
    ...[
      "1.2.3.4/33",
      "1.2.3.4/-1",
      "1.2.3.4/",
      "1.2.3.4/08",
      "1.2.3.4/8/8",
      "1.2.3.4/a",
      "1.2.3.4/ 8",
      "1.2.3.4/1e1",
      "/8",
    ],
    ...["::1/129", "::/999", "::/1000", "::/-0", "::ffff:1.2.3.4/129", "fe80::1%eth0/64"],
  ];
  it.each(texts)("%j", (text) => {
    expect(() => addressRanges(["185.234.113.1", text])).toThrow(PaymeConfigError);
    expect(() => addressRanges([text])).toThrow(`allowFrom has ${JSON.stringify(text)}, which is not an address`);
  });

  it("also where it is no text, and a list that is missing stays missing", () => {
    expect(() => Reflect.apply(addressRanges, undefined, [[7]])).toThrow(PaymeConfigError);
    expect(addressRanges(undefined)).toBeUndefined();
  });
});
