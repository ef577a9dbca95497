import { tiyin } from "payme-kit";
import { describe, expect, it } from "vitest";
import { cancelled, openShop, paid, refusal, type Shop, UZCARD } from "./shop";

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const asAdmin = ({ adminToken: token }: Shop) => ({ token });

/** Money that came after our books had cancelled the payment: an incident that may be accepted. */
async function withIncident() {
  const shop = await openShop();
  const receiptId = await shop.buy(2);
  await shop.notify(cancelled(receiptId));
  await shop.mock.pay(receiptId, { card: UZCARD });
  await shop.notify(paid(receiptId, tiyin(5_000_000)));
  const { body } = await shop.request("GET", "/payme/incidents", asAdmin(shop));
  const [incident] = Array.isArray(body.incidents) ? body.incidents : [];
  return { shop, receiptId, incident };
}

describe("incidents", () => {
  it("are listed with what to do", async () => {
    const { incident, receiptId } = await withIncident();
    expect(incident).toEqual({
      id: expect.any(Number),
      kind: "paid_after_cancel",
      payment_id: expect.any(String),
      transaction_id: receiptId,
      amount: 5_000_000,
      since: expect.stringMatching(TIME),
      what_to_do: expect.stringContaining("Accept it"),
      resolved_at: null,
      resolved_by: null,
      note: null,
    });
  });

  it("are accepted: the tariff runs, and a second press changes nothing", async () => {
    const { shop, incident } = await withIncident();
    const accept = () =>
      shop.request("POST", `/payme/incidents/${incident.id}/accept`, {
        ...asAdmin(shop),
        json: { note: "called them" },
      });
    expect((await accept()).body).toMatchObject({ success: true, outcome: "applied", payment_id: incident.payment_id });
    const before = (await shop.request("GET", "/users/me")).body;
    expect(before).toMatchObject({ tariff_id: 2 });
    expect((await accept()).body).toMatchObject({ outcome: "already_applied" });
    expect((await shop.request("GET", "/users/me")).body).toEqual(before);
    const { body } = await shop.request("GET", "/payme/incidents", asAdmin(shop));
    expect(body.incidents).toEqual([]);
  });

  it("are resolved by the admin who is logged in, with a note", async () => {
    const { shop, incident } = await withIncident();
    const path = `/payme/incidents/${incident.id}/resolve`;
    for (const json of [{}, { note: " " }, { note: 1 }]) {
      expect(await shop.request("POST", path, { ...asAdmin(shop), json })).toMatchObject(
        refusal(400, "VALIDATION_ERROR"),
      );
    }
    const resolved = await shop.request("POST", path, { ...asAdmin(shop), json: { note: "given back" } });
    expect(resolved.body).toMatchObject({
      incident: { id: incident.id, resolved_by: "admin", note: "given back", resolved_at: expect.stringMatching(TIME) },
    });
    const accepted = await shop.request("POST", `/payme/incidents/${incident.id}/accept`, {
      ...asAdmin(shop),
      json: { note: "after all" },
    });
    expect(accepted).toMatchObject(refusal(409, "PAYME_API_ERROR"));
  });

  it.each(["0", "-1", "1.5", "x", "9999999", "1e3"])("of the number %s are not found", async (id) => {
    const shop = await openShop();
    const answer = await shop.request("POST", `/payme/incidents/${id}/resolve`, {
      ...asAdmin(shop),
      json: { note: "n" },
    });
    expect(answer).toMatchObject(refusal(404, "NOT_FOUND"));
  });
});

describe("a payment's story", () => {
  it("is told in order of time, by our id and by the receipt's", async () => {
    const { shop, receiptId, incident } = await withIncident();
    const story = await shop.request("GET", `/payme/payments/${receiptId}/story`, asAdmin(shop));
    expect(story.body).toMatchObject({ success: true, payment_id: incident.payment_id, status: "CANCELLED" });
    const { entries } = story.body;
    const told = Array.isArray(entries) ? entries.map(({ who, what }) => `${who} ${what}`) : [];
    // Without a time of its own a cancel is of the moment in which it was read, perhaps a moment before it was noted.
    const notified = "payme notification.received";
    expect(told.indexOf(notified)).toBeOneOf([1, 2]);
    expect(told.filter((each) => each !== notified)).toEqual([
      "us payment.created",
      "payme receipt.ended",
      "us payment.cancelled",
      "us incident.opened",
    ]);
    expect((await shop.request("GET", `/payme/payments/${incident.payment_id}/story`, asAdmin(shop))).body).toEqual(
      story.body,
    );
  });

  it("of an unknown payment is not found", async () => {
    const shop = await openShop();
    expect(await shop.request("GET", "/payme/payments/nothing/story", asAdmin(shop))).toMatchObject(
      refusal(404, "NOT_FOUND"),
    );
  });
});

it.each([
  ["GET", "/payme/incidents"],
  ["POST", "/payme/incidents/1/resolve"],
  ["POST", "/payme/incidents/1/accept"],
  ["GET", "/payme/payments/x/story"],
])("%s %s is for admins", async (method, path) => {
  const { request } = await openShop();
  expect(await request(method, path, { json: method === "POST" ? {} : undefined })).toMatchObject(
    refusal(403, "FORBIDDEN"),
  );
  expect(await request(method, path, { token: null })).toMatchObject(refusal(401, "UNAUTHORIZED"));
});
