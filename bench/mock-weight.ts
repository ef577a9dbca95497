import { median, numberFrom } from "./fresh-process";
import { benchImportOf } from "./import-time";

const ROUNDS = 5;
const MOCKS = 1_000;
const WANTED_MB = 150;
const WANTED_MS = 5;

/** What a Payme in memory costs: its import, a thousand of them in one process, and the first answer of a new one. */
export function benchMockWeight(): void {
  benchImportOf("payme-kit/testing", 1.5);
  tell(memoryOfMocks(), WANTED_MB, "MB", `memory that ${MOCKS} mocks add, each with a receipt that was paid`);
  tell(firstAnswer(), WANTED_MS, "ms", "first answer of a new mock, in a process that is warm");
}

/** In MB: what the process has more of, its garbage thrown away. */
function memoryOfMocks(): number {
  const script = `
    import { createMockPayme } from "payme-kit/testing";
    ${CREATE}
    await create(createMockPayme());
    gc();
    const before = process.memoryUsage().rss;
    const mocks = Array.from({ length: ${MOCKS} }, (_none, seed) => createMockPayme({ seed }));
    for (const mock of mocks) {
      await create(mock);
      await mock.pay(mock.receipts()[0]._id, { card: { number: "8600495473316478", expire: "03/99" } });
    }
    gc();
    const after = process.memoryUsage().rss;
    console.log(Math.max(after - before, 1) / 1024 / 1024);
    if (mocks.some((mock) => mock.receipts()[0].state !== 4)) throw new Error("a receipt was not paid");`;
  return median(Array.from({ length: ROUNDS }, () => numberFrom(script, ["--expose-gc"])));
}

/** In ms: the median of 100 new mocks, and of several processes. */
function firstAnswer(): number {
  const script = `
    import { createMockPayme } from "payme-kit/testing";
    ${CREATE}
    for (let seed = 0; seed < 20; seed += 1) await create(createMockPayme({ seed }));
    const times = [];
    for (let seed = 0; seed < 100; seed += 1) {
      const start = performance.now();
      await create(createMockPayme({ seed }));
      times.push(performance.now() - start);
    }
    console.log(times.sort((a, b) => a - b)[Math.floor(times.length / 2)]);`;
  return median(Array.from({ length: ROUNDS }, () => numberFrom(script)));
}

/** A receipt through the whole of the mock's HTTP surface. */
const CREATE = `
  async function create(mock) {
    const response = await mock.fetch("https://checkout.test.paycom.uz/api", {
      method: "POST",
      headers: { "X-Auth": mock.merchantId + ":" + mock.key },
      body: JSON.stringify({ id: 1, method: "receipts.create", params: { amount: 100, account: { order_id: 1 } } }),
    });
    const { result } = await response.json();
    if (result.receipt.state !== 0) throw new Error("no receipt was made");
  }`;

function tell(value: number, wanted: number, unit: string, what: string): void {
  const ratio = (value / wanted).toFixed(2).padStart(6);
  console.log(`${ratio}  ${"<= 1".padEnd(9)} ${what} (${value.toFixed(1)} ${unit}) / ${wanted} ${unit}`);
}
