import * as fc from "fast-check";
import { expect } from "vitest";
import { answerOf } from "../merchant/shop";
import { type Account, type Call, type Expected, type MerchantModel, ORDERS, PRICE } from "./merchant-model";
import type { Fault, MerchantWorld } from "./merchant-world";

type Command = fc.AsyncCommand<MerchantModel, MerchantWorld>;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Commands of all kinds: the methods, the same again, the clock, the sweep, a restart. */
export function anyCommands(): fc.Arbitrary<Command>[] {
  // Most of them are calls.
  return [callCommand(), callCommand(), callCommand(), callCommand(), clockCommand(), sweepCommand(), restartCommand()];
}

/** A call that is made up when its turn comes, of what there is by then; sent once, or twice for the same answer. */
class Calling implements Command {
  readonly #makeUp: (model: MerchantModel) => Call;
  readonly #fault: Fault;
  readonly #times: number;
  #told = "not sent";

  constructor(makeUp: (model: MerchantModel) => Call, fault: Fault, isTwice: boolean) {
    this.#makeUp = makeUp;
    this.#fault = fault;
    this.#times = isTwice ? 2 : 1;
  }

  check(): boolean {
    return true;
  }

  async run(model: MerchantModel, world: MerchantWorld): Promise<void> {
    const call = this.#makeUp(model);
    this.#told = `${this.#times}x ${call.method} ${JSON.stringify(call.params)}, ${this.#fault}`;
    for (let time = 0; time < this.#times; time += 1) {
      world.fault = this.#fault;
      const answers = [];
      for (const shop of world.shops) answers.push(await shop.send(call.method, call.params));
      world.fault = "none";
      await world.recover();
      const expected = model.answer(call, this.#fault !== "none");
      for (const answer of answers) expect(comparable(answer)).toEqual(expected);
      expect(answers[1]).toBe(answers[0]);
    }
  }

  toString(): string {
    return this.#told;
  }
}

/** An answer as the model knows it: codes without their texts, results without our own ids. */
function comparable(text: string): Expected {
  const { result, error } = answerOf(text);
  if (error !== undefined) return { code: error.code };
  return { result: withoutOurId(result) };
}

function withoutOurId(result: unknown): object {
  const { transaction: _, ...rest } = Object(result);
  if (Array.isArray(rest.transactions)) return { transactions: rest.transactions.map(withoutOurId) };
  return rest;
}

/** Few ids, orders and times, so that they meet. */
const anyId = fc.constantFrom("t1", "t2", "t3");
const anyAccount: fc.Arbitrary<Account> = fc
  .tuple(fc.integer({ min: 1, max: ORDERS + 1 }), fc.boolean())
  .map(([order, isText]) => (isText ? { order_id: String(order), phone: "998" } : { order_id: order }));
const anyAmount = fc.constantFrom(PRICE, PRICE, PRICE, PRICE, PRICE / 100, 0);
const anyAge = fc.constantFrom(0, 0, 0, 1, MINUTE, 11 * HOUR, 12 * HOUR, 12 * HOUR + 1, -HOUR);
const anyFault = fc.constantFrom<Fault>("none", "none", "none", "none", "hook fails", "crash");

function callCommand(): fc.Arbitrary<Command> {
  const create = fc.record({ id: anyId, account: anyAccount, amount: anyAmount, age: anyAge, isRepeat: fc.boolean() });
  const calls: fc.Arbitrary<(model: MerchantModel) => Call>[] = [
    fc
      .record({ amount: anyAmount, account: anyAccount })
      .map((params) => () => ({ method: "CheckPerformTransaction", params })),
    create.map((wanted) => (model) => ({ method: "CreateTransaction", params: paramsOf(wanted, model) })),
    create.map((wanted) => (model) => ({ method: "CreateTransaction", params: paramsOf(wanted, model) })),
    fc.record({ id: anyId }).map((params) => () => ({ method: "PerformTransaction", params })),
    fc.record({ id: anyId }).map((params) => () => ({ method: "PerformTransaction", params })),
    fc.record({ id: anyId }).map((params) => () => ({ method: "CheckTransaction", params })),
    fc
      .record({ id: anyId, reason: fc.constantFrom(1, 2, 3, 4, 5, 10) })
      .map((params) => () => ({ method: "CancelTransaction", params })),
    fc.tuple(anyAge, anyAge).map(([from, to]) => ({ now }) => ({
      method: "GetStatement",
      params: { from: now - from, to: now - to },
    })),
  ];
  return fc
    .record({ makeUp: fc.oneof(...calls), fault: anyFault, isTwice: fc.boolean() })
    .map(({ makeUp, fault, isTwice }) => new Calling(makeUp, fault, isTwice));
}

/** A Create of a known id is its repeat, or one with other parameters. */
function paramsOf(
  wanted: { id: string; account: Account; amount: number; age: number; isRepeat: boolean },
  model: MerchantModel,
) {
  const { id, account, amount, age, isRepeat } = wanted;
  const known = isRepeat ? model.row(id) : undefined;
  if (known === undefined) return { id, time: model.now - age, amount, account };
  return { id, time: known.time, amount: known.amount, account: known.account };
}

function clockCommand(): fc.Arbitrary<Command> {
  return fc.constantFrom(1, MINUTE, HOUR, 11 * HOUR, 12 * HOUR, 13 * HOUR, -1, -MINUTE).map((ms) => ({
    check: () => true,
    async run(model) {
      model.now += ms;
    },
    toString: () => `the clock goes ${ms} ms`,
  }));
}

function sweepCommand(): fc.Arbitrary<Command> {
  return anyFault.map((fault) => ({
    check: () => true,
    async run(model, world) {
      world.fault = fault === "crash" ? "hook fails" : fault;
      const swept = [];
      for (const { merchant } of world.shops) swept.push(await merchant.sweep());
      const expected = model.sweep(world.fault !== "none");
      world.fault = "none";
      expect(swept).toEqual([expected, expected]);
    },
    toString: () => `a sweep, ${fault}`,
  }));
}

function restartCommand(): fc.Arbitrary<Command> {
  return fc.constant({
    check: () => true,
    run: (_model: MerchantModel, world: MerchantWorld) => world.reopen(),
    toString: () => "a restart",
  });
}

/** What must hold in the end: the statement and the orders are the model's, and what is paid is fulfilled, once. */
export async function expectSameBooks(model: MerchantModel, { shops }: MerchantWorld): Promise<void> {
  for (const shop of shops) {
    const { result } = await shop.call("GetStatement", { from: 0, to: Number.MAX_SAFE_INTEGER });
    expect(withoutOurId(result)).toEqual({ transactions: model.statement(0, Number.MAX_SAFE_INTEGER) });
    for (const [index, order] of model.orders.entries()) {
      expect(await shop.order(index + 1)).toMatchObject(order);
      const rows = model.rows.filter((row) => row.order === index + 1);
      expect(order.fulfilled).toBe(rows.filter(({ state }) => state === 2 || state === -2).length);
      expect(order.takenBack).toBe(rows.filter(({ state }) => state === -2).length);
      expect(rows.filter(({ state }) => state > 0).length).toBeLessThanOrEqual(1);
    }
  }
}
