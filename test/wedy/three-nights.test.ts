import Database from "better-sqlite3";
import { doctor } from "payme-kit/doctor";
import { sqliteStorage } from "payme-kit/sqlite";
import { describe, expect, it, onTestFinished } from "vitest";
import { describeOnPostgres, newDatabase } from "../postgres/database";
import { stallingProxy } from "../postgres/stalling-proxy";
import { type Night, openNight } from "./night";

/** A server that starts, on a busy machine. */
const PATIENCE = { timeout: 90_000 };
/** What the metrics say where no notification has come, and where asking Payme found the money. */
const NOTHING_TOLD = {
  payme_notification_delay_seconds_count: 0,
  'payme_payments_total{event="paid",source="gateway"}': 0,
};
const FOUND_BY_ASKING = { 'payme_payments_total{event="paid",source="receipt"}': 1 };
const ACTIVE = { tariff_id: 1, tariff: { name: "Premium Plan" } };

/** Presses a remedy, and once more: the second press changes nothing in any table. */
async function pressTwice<Answer>(
  night: Night,
  press: () => Promise<Answer>,
): Promise<[first: Answer, second: Answer]> {
  const first = await press();
  const books = await night.books();
  const second = await press();
  expect(await night.books()).toBe(books);
  return [first, second];
}

/** The runbook's command ends the trouble of a paid receipt, once. */
async function checkEndsIt(night: Night, id: string): Promise<void> {
  expect(await night.me()).toMatchObject({ tariff_id: null });
  const [first, second] = await pressTwice(night, () => night.check(id));
  expect(first).toMatchObject({ http: 200, status: "PAID" });
  expect(second).toEqual(first);
  expect(await night.me()).toMatchObject(ACTIVE);
}

/** A tariff that is bought and paid for at Payme. */
async function bought(night: Night): Promise<string> {
  const { transaction_id: id } = await night.purchase();
  await night.pay(id);
  return id;
}

describe("the first night: webhook not received", PATIENCE, () => {
  it("it was lost: log and story say that nothing came, and that Payme is asked again", async () => {
    const lost = async (): Promise<Response> => Promise.reject(new TypeError("lost on its way"));
    const night = await openNight({ notify: () => ({ fetch: lost }) });
    const id = await bought(night);
    const { person } = night;
    expect(await night.metrics()).toMatchObject(NOTHING_TOLD);
    const lines = await person.grep(id);
    expect(lines).toContain('"message":"a receipt was made"');
    expect(lines).not.toContain('"message":"notification received"');
    expect(await person.story(id)).toContain("payment.waiting: no notification has come; looked at again then");
    expect(person.steps()).toBe(2);
    // What the shop could have done wrong is right.
    const webhook = `${night.server.url}/payme/webhook`;
    expect(await person.doctor("--webhook", webhook, "--only", "endpoint.webhook")).toContain("Nothing is wrong");

    await checkEndsIt(night, id);
    expect(await person.story(id)).toContain("payment.paid: paid: we asked Payme");
    expect(await night.metrics()).toMatchObject({ ...NOTHING_TOLD, ...FOUND_BY_ASKING });
  });

  it("its signature is wrong: the log says so, with what to compare", async () => {
    const night = await openNight({ notify: () => ({ secret: "what the gateway has after its rotation" }) });
    const id = await bought(night);
    const { person } = night;
    expect(await person.grep('"path":"/payme/webhook"')).toContain('"status":401');
    const refused = await person.grep('"message":"webhook refused"');
    expect(refused).toContain("X-Auth-Signature does not match the body");
    expect(refused).toContain("Compare the secret with the gateway's");
    expect(person.steps()).toBe(2);
    expect(await person.story(id)).toContain("no notification has come");
    await checkEndsIt(night, id);
    expect(await night.metrics()).toMatchObject({ ...NOTHING_TOLD, ...FOUND_BY_ASKING });
  });

  it("its address is wrong: the log has no notification, and the doctor says what that address answers", async () => {
    const night = await openNight({ notify: (url) => ({ url: `${url}/payme/webhok` }) });
    const id = await bought(night);
    const { person, server } = night;
    expect(await person.grep('"path":"/payme/webhook"')).toBe("");
    const told = await person.doctor("--webhook", `${server.url}/payme/webhok`, "--only", "endpoint.webhook");
    expect(told).toContain("WRONG endpoint.webhook");
    expect(told).toContain("a notification without a signature gets HTTP 404");
    expect(told).toContain("404 loses every notification");
    expect(person.steps()).toBe(2);
    expect(await person.grep('"path":"/payme/webhok"')).toContain('"status":404');
    expect(await person.story(id)).toContain("no notification has come");
    await checkEndsIt(night, id);
    expect(await night.metrics()).toMatchObject({ ...NOTHING_TOLD, ...FOUND_BY_ASKING });
  });
});

describe("the second night: payment creation failed", PATIENCE, () => {
  it.each([
    {
      cause: "Payme refuses the key",
      fault: { kind: "rpc_error", code: -32504 },
      http: 502,
      log: ["receipts.create was refused with code -32504", "Check that merchantId and key are of this cashbox"],
      story: "could not be made: receipts.create was refused with code -32504",
      calls: { outcome: "refused", reason: "auth" },
      doctor: ["WRONG payme.key", "the id and the key are refused here"],
    },
    {
      cause: "Payme answers 502",
      fault: { kind: "http_status", status: 502 },
      http: 504,
      log: ["answered HTTP 502"],
      story: "answered HTTP 502",
      calls: { outcome: "unknown", reason: "none" },
      doctor: ["UNCERTAIN payme.reached", "answered HTTP 502"],
    },
    {
      cause: "Payme does not answer",
      fault: { kind: "drop_before" },
      http: 504,
      log: ["broke before an answer came"],
      story: "broke before an answer came",
      calls: { outcome: "unknown", reason: "none" },
      doctor: ["UNCERTAIN payme.reached", "broke before an answer came"],
    },
    {
      cause: "Payme answers with HTML",
      fault: { kind: "malformed", body: "<html><h1>Welcome to nginx!</h1></html>" },
      http: 504,
      log: ["answered no JSON"],
      story: "answered no JSON",
      calls: { outcome: "unknown", reason: "none" },
      doctor: ["UNCERTAIN payme.reached", "answered no JSON"],
    },
  ] as const)("$cause: log, story and doctor say so, and the next purchase is one payment", async (trouble) => {
    const night = await openNight();
    const { person, mock, purchase } = night;
    mock.faults.add(trouble.fault);
    expect(await purchase()).toMatchObject({ http: trouble.http, data: { error_code: "PAYME_CREATE_FAILED" } });
    const { outcome, reason } = trouble.calls;
    expect(await night.metrics()).toMatchObject({
      [`payme_client_calls_total{method="receipts.create",outcome="${outcome}",reason="${reason}"}`]: 1,
      'payme_payments_total{event="failed",source="none"}': 1,
      'payme_payments{status="FAILED"}': 1,
    });
    const failed = await person.grep('"message":"request failed"');
    for (const words of trouble.log) expect(failed).toContain(words);
    const told = await person.doctor("--only", "env,payme");
    for (const words of trouble.doctor) expect(told).toContain(words);
    expect(person.steps()).toBe(2);
    const [, paymentId = ""] = /"payment_id":"([^"]+)"/.exec(await person.grep('"message":"payment failed"')) ?? [];
    expect(await person.story(paymentId)).toContain(trouble.story);

    mock.faults.clear();
    const [first, second] = await pressTwice(night, purchase);
    expect(first).toMatchObject({ http: 200, transaction_id: expect.any(String) });
    expect(second).toEqual(first);
    await night.pay(first.transaction_id);
    expect(await night.me()).toMatchObject(ACTIVE);
  });
});

describe("the third night: tariff not activated", PATIENCE, () => {
  /** What a script of the shop's sees in its books. */
  async function doctorOf({ file }: Night) {
    const storage = sqliteStorage({ file });
    onTestFinished(() => storage.close());
    const findings = await doctor({ storage, only: ["books"] });
    return findings.filter(({ status }) => status !== "right").map(({ check, saw }) => `${check}: ${saw}`);
  }

  it("the activation throws: the log has its stack, the incident says what to do", async () => {
    const night = await openNight();
    const tables = new Database(night.file);
    tables.exec(
      "CREATE TRIGGER night BEFORE INSERT ON payme_grant BEGIN SELECT RAISE(ABORT, 'no such column: bonus'); END",
    );
    const id = await bought(night);
    const { person } = night;
    expect(await person.check(id)).toMatchObject({ status: "PENDING", data: { incident: { kind: "effect_failed" } } });
    expect(await night.metrics()).toMatchObject({ 'payme_open_incidents{kind="effect_failed"}': 1 });
    const lines = await person.grep(id);
    expect(lines).toContain("a hook threw: everything was rolled back");
    expect(lines).toContain("no such column: bonus");
    expect(person.steps()).toBe(2);
    const story = await person.story(id);
    expect(story).toContain("incident.opened: effect_failed (open)");
    expect(story).toContain("to do: A hook threw and all was rolled back. Mend it, then check the payment");
    expect(await doctorOf(night)).toEqual([expect.stringMatching(`books.incidents: 1 open .effect_failed.*${id}`)]);

    tables.exec("DROP TRIGGER night");
    tables.close();
    await checkEndsIt(night, id);
    expect(await person.incidents()).toEqual([]);
    expect(await doctorOf(night)).toEqual([]);
  });

  it("another amount came: check, log, story and doctor name it, and a person accepts it once", async () => {
    const night = await openNight();
    const { person, call } = night;
    const { transaction_id: id } = await night.purchase();
    const tables = new Database(night.file);
    tables.exec("UPDATE payme_payment SET amount = 4999950");
    tables.close();
    await night.pay(id);
    expect(await person.check(id)).toMatchObject({ data: { incident: { kind: "amount_mismatch" } } });
    expect(await night.metrics()).toMatchObject({ 'payme_open_incidents{kind="amount_mismatch"}': 1 });
    const [incident] = await person.incidents();
    expect(incident).toMatchObject({ amount: 5_000_000, what_to_do: expect.stringMatching(/^Another amount came/) });
    expect(person.steps()).toBe(2);
    expect(await person.grep(id)).toContain('"message":"incident: amount_mismatch"');
    expect(await person.story(id)).toContain(
      "to do: Another amount came than was asked for. Accept it, or give it back",
    );
    const amounts = "books.amounts: an amount of the last 7 days is 4999950 tiyin";
    expect(await doctorOf(night)).toEqual([
      expect.stringMatching(`books.incidents: 1 open .amount_mismatch.*${id}`),
      amounts,
    ]);

    expect(await night.me()).toMatchObject({ tariff_id: null });
    const accept = () =>
      call("POST", `/payme/incidents/${incident.id}/accept`, { json: { note: "50 tiyin: rounding" } });
    const [first, second] = await pressTwice(night, accept);
    expect([first.outcome, second.outcome]).toEqual(["applied", "already_applied"]);
    expect(await night.me()).toMatchObject(ACTIVE);
    expect(await doctorOf(night)).toEqual([amounts]);
  });
});

describeOnPostgres("the third night, on PostgreSQL", async () => {
  it(
    "the database is gone in the middle: log and doctor say so, and once it is back one command settles it",
    PATIENCE,
    async () => {
      const line = await stallingProxy(await newDatabase());
      onTestFinished(() => line.close());
      const night = await openNight({ databaseUrl: line.url });
      const { transaction_id: id } = await night.purchase();
      line.close();
      await night.pay(id);
      const { person } = night;
      // The token of Prometheus needs no database.
      expect(await night.metrics()).toMatchObject({ payme_database_up: 0, payme_gauges_stale: 1 });
      expect(await person.grep(id)).toContain('"verdict":"failed"');
      const told = await person.doctor("--database", line.url, "--only", "database");
      expect(told).toMatch(/UNCERTAIN database.reached\n *saw .*the database is not available just now/);
      expect(person.steps()).toBe(2);
      expect(await person.grep('"message":"request failed"')).toContain("the database is not available just now");
      expect(await night.check(id)).toMatchObject({ http: 503 });

      await line.reopen();
      expect(await person.story(id)).toContain("no notification has come");
      await checkEndsIt(night, id);
    },
  );
});
