import { describe, expect, it } from "vitest";
import { redact } from "../../src/protocol/redact";
import {
  createKnownSecrets,
  hideByForm,
  hideNamedSecrets,
  hideWord,
  isSecretName,
  isTokenName,
  maskPersonal,
  namedSecrets,
  schemeOf,
  secretsInHeader,
} from "../../src/protocol/secrets";

describe("names of secrets", () => {
  it.each([
    ..."key secret password token cvv cvc cvv2 pin pin_code signature authorization x-auth x-auth-signature jwt".split(
      " ",
    ),
    ..."otp sms_code cookie set-cookie proxy-authorization access_token PAYME_SECRET_KEY apiKey client_secret".split(
      " ",
    ),
  ])("%s is one, for every redaction", (name) => {
    expect(isSecretName(name)).toBe(true);
    expect(redact({ [name]: "4417-x" })).toEqual({ [name]: "[hidden]" });
  });

  it.each(["order_id", "monkey", "expire", "package_code", "state", "tokens"])("%s is not one", (name) => {
    expect([isSecretName(name), isTokenName(name)]).toEqual([false, false]);
  });
});

describe("secrets in headers", () => {
  it("are the password of Basic, with and without its login, and what is encoded", () => {
    const encoded = Buffer.from("Paycom:a:b").toString("base64");
    expect(secretsInHeader("Authorization", `Basic ${encoded}`)).toEqual([encoded, "a:b", "Paycom:a:b"]);
  });

  it("are the values of cookies, and not the attributes behind one that is set", () => {
    expect(secretsInHeader("Cookie", "a=first; b=second")).toEqual(["first", "second"]);
    expect(secretsInHeader("Set-Cookie", "a=first; Path=/")).toEqual(["first"]);
  });
});

const HEX = "0123456789abcdef".repeat(4);
const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

describe("secrets in other headers", () => {
  it.each([
    ["Authorization", "Bearer  abc", ["abc"]],
    ["X-Auth", "id:key", ["id:key", "key"]],
    ["X-Auth", ":key", [":key", "key"]],
    ["X-Auth", "id", []],
    ["X-Api-Key", "value", ["value"]],
    ["Accept", "value", []],
  ])("%s: %s", (header, value, secrets) => {
    expect(secretsInHeader(header, value)).toEqual(secrets);
  });
});

describe("what is shown of a header with credentials", () => {
  it.each([
    ["X-Auth-Signature", HEX, "<64 hex hidden>"],
    ["X-Auth-Signature", `${HEX}g`, "<hidden>"],
    ["X-Auth-Signature", "a word", "<hidden>"],
    ["X-Auth", "id", "<id>"],
    ["X-Auth", "id:key", "<id>:<key hidden>"],
    ["X-Auth", `id:${HEX}`, "<id>:<64 hex hidden>"],
    ["Authorization", basic("Paycom:key"), "Basic Paycom:<hidden>"],
    ["Authorization", basic("somebody:key"), "Basic <login>:<hidden>"],
    ["Authorization", "Basic not-readable!", "Basic <hidden>"],
    ["Authorization", "Bearer abc", "Bearer <hidden>"],
    ["Authorization", "Token Bearer", "<hidden>"],
    ["Accept", "value", undefined],
  ])("%s: %s", (header, value, shown) => {
    expect(schemeOf(header, value)).toBe(shown);
  });
});

describe("who pays", () => {
  it.each([
    ["phone", "+998 90 123-45-67", "99890*****67"],
    ["msisdn", 998901234567, "99890*****67"],
    ["phone", "1234567", "*****67"],
    ["phone", "123456", "[hidden]"],
    ["phone", "99890*****67", "99890*****67"],
    ["phone", { verified: true }, undefined],
    ["email", "a@b.uz", "[hidden]"],
    ["E-Mail", "a@b.uz", "[hidden]"],
    ["ip", "10.0.0.1", "[hidden]"],
    ["customer", { name: "Ali" }, "[hidden]"],
    ["customers", 3, undefined],
    ["skip", 3, undefined],
    ["order_id", "4417", undefined],
  ])("%s of %j", (name, value, shown) => {
    expect(maskPersonal(name, value)).toBe(shown);
  });
});

describe("secrets in a text", () => {
  it("are found by the name before them, and only they are hidden", () => {
    const text = '{"token":"abc","note":"n"} order=1&key=zz';
    expect(namedSecrets(text)).toEqual(["abc", "zz"]);
    expect(hideNamedSecrets(text)).toBe('{"token":"[hidden]","note":"n"} order=1&key=[hidden]');
  });

  it("that are short are hidden as a word, not inside another", () => {
    expect(hideWord("pin 1+1, 1+1, not 1+12 or 111", "1+1")).toBe("pin [hidden], [hidden], not 1+12 or 111");
    expect(hideWord(`${Buffer.from("4417").toString("base64")} 44170`, "4417")).toBe("[hidden] 44170");
  });

  it("are hidden by their form, with the scheme left", () => {
    expect(hideByForm("Basic abcdefgh, write to shop@example.uz")).toBe("Basic [hidden], write to [hidden]");
    expect(hideByForm("call +998 90 123-45-67")).toBe("call 99890*****67");
  });

  it.each([
    ["call 998901234567", "call 99890*****67"],
    ["call +998901234567.", "call 99890*****67."],
    ["call 998 90 123 45 67", "call 99890*****67"],
    ["call 998-90-123-45-67", "call 99890*****67"],
    ["no phone 1998901234567", "no phone 1998901234567"],
    ["no phone 1.998901234567", "no phone 1.998901234567"],
    ["no phone 9989012345678", "no phone 9989012345678"],
    ["to first.last+tag@mail-1.example.co.uz now", "to [hidden] now"],
    ["to a@b, no address", "to a@b, no address"],
    ["Bearer abcdef", "Bearer [hidden]"],
    ["Basic  a/+=._~-", "Basic [hidden]"],
    ["Bearer abcde", "Bearer abcde"],
    ["Basically abcdefgh", "Basically abcdefgh"],
    ["eyJhbGciOi_-.eyJzdWIiOi_-.c2lnbmF0_- x", "[hidden] x"],
    ["eyJhbGciOi_-.eyJzdWIiOi_-. x", "[hidden] x"],
    ["eyJshort.eyJzdWIiOi_-.c2ln", "eyJshort.eyJzdWIiOi_-.c2ln"],
    [`signed ${HEX}`, "signed [hidden]"],
    [`no signature ${HEX}0 0${HEX}`, `no signature ${HEX}0 0${HEX}`],
    ["8600.4954/7331_6478", "860049******6478"],
    ["8600495473316478123", "860049******8123"],
    ["8600 4954 7331 6478 123", "860049******8123"],
    ["no card 86004954733164781", "no card 86004954733164781"],
    ["no card 8600  4954  7331  6478", "no card 8600  4954  7331  6478"],
    ["no card 860049547331647", "no card 860049547331647"],
  ])("%j shows no more than %j", (text, shown) => {
    expect(hideByForm(text)).toBe(shown);
  });

  // Digits of a card may stand inside of an id.
  it.each([
    ["x abcd8600495473316478ef01 y", "x abcd8600495473316478ef01 y"],
    ["the receipt abcd8600495473316478ef01 of a payer", "the receipt abcd8600495473316478ef01 of a payer"],
    ["gabcd8600495473316478ef01", "gabcd860049******6478ef01"],
    ["abcd8600495473316478ef01g", "abcd860049******6478ef01g"],
    ["abcd 8600495473316478 ef01", "abcd 860049******6478 ef01"],
  ])("%j keeps Payme's ids", (text, shown) => {
    expect(hideByForm(text)).toBe(shown);
  });
});

describe("known secrets", () => {
  it("are hidden in each form, the longer one first", () => {
    const known = createKnownSecrets();
    known.learn("planted");
    known.learn("planted?key/1", "<key>");
    const forms = ["planted?key/1", "cGxhbnRlZD9rZXkvMQ", "planted%3Fkey%2F1"];
    expect(known.hide(`${forms.join(" ")} planted`)).toBe("<key> <key> <key> [hidden]");
    expect([known.finds("x planted"), known.finds("nothing")]).toEqual([true, false]);
  });

  it("keep what was learned first, and are hidden when they are learned later", () => {
    const known = createKnownSecrets();
    known.learn("planted", "<first>");
    known.learn("planted", "<second>");
    expect(known.hide("planted, late")).toBe("<first>, late");
    known.learn("late");
    expect(known.hide("planted, late")).toBe("<first>, [hidden]");
  });

  it("are hidden in JSON inside of JSON", () => {
    const known = createKnownSecrets();
    known.learn('say "hi"');
    expect(known.hide(JSON.stringify(JSON.stringify({ key: 'say "hi"' })))).toBe(String.raw`"{\"key\":\"[hidden]\"}"`);
  });

  it("are hidden in Base64 of both alphabets", () => {
    const known = createKnownSecrets();
    known.learn(">>>???~~~");
    expect(known.hide("Pj4+Pz8/fn5+ Pj4-Pz8_fn5-")).toBe("[hidden] [hidden]");
  });

  it("may have half of a surrogate pair", () => {
    const known = createKnownSecrets();
    known.learn("half \ud83d");
    expect(known.hide("half%20%EF%BF%BD")).toBe("[hidden]");
  });

  it.each(["", "a", "ab"])("are hidden inside of longer Base64, behind %j", (before) => {
    const known = createKnownSecrets();
    known.learn("plant");
    expect(known.hide(Buffer.from(`${before}plant, more`).toString("base64"))).toContain("[hidden]");
    expect(known.hide(Buffer.from(`${before}plan and more`).toString("base64"))).not.toContain("[hidden]");
  });

  it("of less than 40 bits are not looked for inside of longer Base64", () => {
    const known = createKnownSecrets();
    known.learn("plan");
    const longer = Buffer.from("a plan, more").toString("base64");
    expect(known.hide(longer)).toBe(longer);
  });
});
