import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, it } from "vitest";
import { createWriteQueue } from "../../src/storage/write-queue";

/** A queue whose first writer works until `open` is called; the others write down their names. */
function stalled(limits: Parameters<typeof createWriteQueue>[0] = {}) {
  const queue = createWriteQueue(limits);
  const done: string[] = [];
  let open = () => {};
  const stalling = queue.run(
    () =>
      new Promise<void>((resolve) => {
        open = resolve;
      }),
  );
  const write = (name: string, isFirst = false) => queue.run(async () => void done.push(name), isFirst);
  return { queue, done, write, open: () => open(), stalling };
}

describe("a queue of writers", () => {
  it("lets Payme's calls pass the others, which keep their order", async () => {
    const { queue, done, write, open } = stalled();
    const others = ["a", "b", "c"].map((name) => write(name));
    const payme = ["1", "2"].map((name) => write(name, true));
    open();
    await Promise.all([...others, ...payme]);
    expect(done).toEqual(["1", "2", "a", "b", "c"]);
    await queue.idle();
  });

  it("lets no one wait for ever: one of the others follows eight of Payme's calls", async () => {
    const { done, write, open } = stalled();
    const others = ["a", "b"].map((name) => write(name));
    const payme = Array.from({ length: 20 }, (_, n) => write(String(n), true));
    open();
    await Promise.all([...others, ...payme]);
    expect([done.indexOf("a"), done.indexOf("b")]).toEqual([8, 17]);
  });

  it("has room for Payme's calls when the others have filled theirs", async () => {
    const { write, open, stalling } = stalled({ limit: 3 });
    const waiting = [write("a"), write("b")];
    await expect(write("c")).rejects.toMatchObject({ code: "STORAGE_BUSY" });
    waiting.push(write("1", true));
    open();
    await Promise.all([stalling, ...waiting]);
  });

  it("never runs a writer that has stopped waiting, and goes on after it", async () => {
    const { queue, done, write, open, stalling } = stalled({ waitMs: 20 });
    await expect(Promise.all([write("late"), write("late too", true)])).rejects.toMatchObject({ code: "STORAGE_BUSY" });
    await new Promise((resolve) => setTimeout(resolve, 20));
    const next = write("next");
    open();
    await Promise.all([stalling, next]);
    await queue.idle();
    expect(done).toEqual(["next"]);
  });

  it("goes on after a writer that throws, and is idle once all have run", async () => {
    const queue = createWriteQueue();
    const done: string[] = [];
    const failing = queue.run(async () => {
      await null;
      throw new Error("no");
    });
    const next = queue.run(async () => void done.push("next"));
    const idle = queue.idle().then(() => done.push("idle"));
    await expect(failing).rejects.toThrow("no");
    await Promise.all([next, idle]);
    expect(done).toEqual(["next", "idle"]);
  });

  it("runs each writer in the async context of its own caller", async () => {
    const { queue, open } = stalled();
    const caller = new AsyncLocalStorage<string>();
    const seen = ["a", "b"].map((name) => caller.run(name, () => queue.run(async () => caller.getStore())));
    open();
    expect(await Promise.all(seen)).toEqual(["a", "b"]);
  });
});
