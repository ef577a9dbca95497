import { expect, it } from "vitest";
import { createEndpoint, KEY, type Row, type Rules } from "../faulty/endpoints/reference";
import { idsOf } from "./shops";

const rounded = (row: Row): Row => ({ ...row, create_time: Math.round(row.create_time / 1_000) * 1_000 });
const cutOff = (row: Row): Row => ({ ...row, create_time: Math.floor(row.create_time / 1_000) * 1_000 });
const created = ({ create_time, transaction, state }: Row) => ({ create_time, transaction, state });
const checked = ({ id: _, time: __, amount: ___, account: ____, ...row }: Row) => row;

/** What is said of an endpoint whose clock, the certifier's too, goes on in waits only: each call is early in its second. */
async function certifiedEarly(mistake: Partial<Rules>) {
  let time = Math.floor(Date.now() / 1_000) * 1_000 + 100;
  const endpoint = createEndpoint(mistake, () => time);
  const sleep = (ms: number) => {
    time += ms < 100 ? 1 : ms;
  };
  return idsOf({ api: endpoint, key: KEY, newOrder: endpoint.newOrder, now: () => time, sleep });
}

it("whole seconds that are cut off everywhere are right", async () => {
  const right = {
    created: (row: Row) => created(cutOff(row)),
    checked: (row: Row) => checked(cutOff(row)),
    line: cutOff,
  };
  expect(await certifiedEarly(right)).toMatchObject({ failed: [], warned: [] });
});

it("a time that the first answer rounds and the stored one cuts off is told, however early in its second it is", async () => {
  const { failed } = await certifiedEarly({
    created: (row) => created(rounded(row)),
    createdAgain: cutOff,
    checked: (row) => checked(cutOff(row)),
    line: cutOff,
  });
  // The clock stays late once it was moved on.
  expect(failed).toEqual(["create.repeat-late", "create.same-at-once"]);
});
