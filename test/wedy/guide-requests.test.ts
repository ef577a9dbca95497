import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { signPayload } from "payme-kit/gateway";
import { expect, it } from "vitest";
import { describeWith } from "../machine";
import { bodyOf, CHECK_STATUS, CREATE_PAYMENT, PRINTED_ID, PURCHASE, send, WEBHOOK } from "./guide-blocks";
import { printedToken, start, temporaryFolder } from "./started";

const secretIn = (output: string) => /-hmac '([^']+)'/.exec(output)?.[1] ?? "";

it("every request that the guide prints is answered as printed, on a fresh database and on a used one", async () => {
  const folder = temporaryFolder();
  const ends: number[] = [];
  for (const days of [30, 60]) {
    const server = await start(folder);
    const { url } = server;
    const token = printedToken(server.output(), "User");
    const filled = (block: string) => block.replace("<jwt_token>", token).replace("{tariff_id}", "1");

    const created = await send(url, filled(CREATE_PAYMENT));
    const id = String(created.transaction_id);
    expect(created).toMatchObject({
      http: 200,
      success: true,
      transaction_id: expect.stringMatching(/^[0-9a-f]{24}$/),
      cheque_id: expect.any(String),
      pay_url: expect.stringMatching(/^http/),
    });

    expect(await send(url, filled(PURCHASE))).toEqual({
      http: 200,
      success: true,
      message: "Payment created successfully. Please complete the payment using the provided URL.",
      tariff: { id: 1, name: "Premium Plan", price: 50_000, duration_days: 30, is_active: true },
      payment_url: created.pay_url,
      transaction_id: id,
    });

    const unsigned = WEBHOOK.replace(PRINTED_ID, id);
    const forged = unsigned.replace("<hmac_signature>", "0".repeat(64));
    expect(await send(url, forged)).toMatchObject({ http: 401 });
    const signed = unsigned.replace("<hmac_signature>", signPayload(bodyOf(unsigned), secretIn(server.output())));
    expect(await send(url, signed)).toEqual({ http: 200, result: "ok" });

    const status = CHECK_STATUS.replace("{transaction_id}", id);
    expect(await send(url, filled(status))).toMatchObject({
      http: 200,
      success: true,
      status: "PAID",
      amount: 5_000_000,
      paid_at: "2022-01-15T08:16:07Z",
    });
    const me = await send(url, filled("GET /users/me\nAuthorization: Bearer <jwt_token>"));
    ends.push(Date.parse(String(me.tariff_expires_at)));
    expect(Math.round(((ends.at(-1) ?? 0) - Date.now()) / 86_400_000)).toBe(days);
    expect(await server.stop()).toBe(0);
  }
});

describeWith("curl", "what npm start prints", () => {
  it("can be pasted into a shell as it stands: created, purchased, notified, active; and once more", async () => {
    const folder = temporaryFolder();
    for (const run of [1, 2]) {
      const server = await start(folder);
      const output = server.output();
      const commands = output.split("\n").filter((line) => /^(curl |[A-Z]+=)/.test(line));
      expect(commands).toHaveLength(7);
      const { stdout } = await promisify(execFile)("sh", [
        "-ec",
        commands.join("; echo\n").replaceAll("curl ", "curl -s "),
      ]);
      const answers = stdout.split("\n").filter((line) => line !== "");
      const [created, purchased, notified, me] = answers.map((line) => JSON.parse(line));
      expect(created).toMatchObject({ success: true, data: { user_id: "user123", tariff_id: 1, amount: 5_000_000 } });
      expect(purchased).toMatchObject({ success: true, transaction_id: created.transaction_id });
      expect(notified).toEqual({ result: "ok" });
      expect(me, `run ${run}`).toMatchObject({ id: "user123", tariff_id: 1, tariff: { name: "Premium Plan" } });
      expect(output.split("\n").filter((line) => line !== "").length).toBeLessThanOrEqual(40);
      await server.stop();
    }
  });
});
