import { describe, expect, it } from "vitest";
import { redact } from "../../src/protocol/redact";
import { createKnownSecrets, isSecretName, isTokenName, secretsInHeader } from "../../src/protocol/secrets";

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

describe("known secrets", () => {
  it("are hidden in each form, the longer one first", () => {
    const known = createKnownSecrets();
    known.learn("planted");
    known.learn("planted?key/1", "<key>");
    const forms = ["planted?key/1", "cGxhbnRlZD9rZXkvMQ", "planted%3Fkey%2F1"];
    expect(known.hide(`${forms.join(" ")} planted`)).toBe("<key> <key> <key> [hidden]");
    expect([known.finds("x planted"), known.finds("nothing")]).toEqual([true, false]);
  });
});
