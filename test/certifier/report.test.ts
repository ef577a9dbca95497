import { describe, expect, it } from "vitest";
import { certify } from "../../src/tools/certifier/certify";
import { tellCheck, tellFailure } from "../../src/tools/certifier/report";
import { createEndpoint, KEY } from "../faulty/endpoints/reference";

describe("the report", () => {
  it("says why a check was skipped", async () => {
    const { newOrder, ...api } = createEndpoint({ takesOldOnes: true });
    const { checks } = await certify({ api, key: KEY, newOrder });
    const [skipped] = checks.filter(({ id }) => id === "perform.once");
    expect(skipped && tellCheck(skipped)).toMatch(/^skip perform\.once .*\(no answer shows this; give `credited`/);
  });

  it("lets no page move the cursor of a terminal, nor break its lines", async () => {
    const page = "<h1>\u001b[2J\r\nInternal Server Error</h1>\u0007";
    const { newOrder } = createEndpoint();
    const { checks } = await certify({ api: () => new Response(page, { status: 502 }), key: KEY, newOrder });
    const [failed] = checks.filter(({ status }) => status === "failed");
    const text = failed === undefined ? "" : tellFailure(failed);
    expect(text).toContain("got       HTTP 502, not JSON: <h1> [2J Internal Server Error</h1>");
    expect(text.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
    expect(text.split("\n")).toHaveLength(9);
  });
});
