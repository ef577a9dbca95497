import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Variant } from "./book-calls";
import { type Round, rounds } from "./merchant-rounds";
import { type RacingServers, startServers, type Where } from "./merchant-servers";

const ROUNDS = 50;

/** What was wrong in which round. */
async function play(round: Round, servers: RacingServers, firstOrder: number): Promise<string[]> {
  const wrongs: string[] = [];
  for (let order = firstOrder; order < firstOrder + ROUNDS; order += 1) {
    const wrong = await round(servers, order);
    if (wrong !== undefined) wrongs.push(`order ${order}: ${wrong}`);
  }
  return wrongs;
}

function onServers(
  variant: Variant,
  where: Where,
  rule: (play: (round: Round, race: number) => Promise<string[]>) => void,
) {
  let servers: RacingServers;
  beforeAll(async () => {
    servers = await startServers(variant, where);
  });
  afterAll(() => servers.close());
  rule((round, race) => play(round, servers, race * ROUNDS + 1));
}

describe.each<Where>(["one process", "two processes"])("over HTTP, in %s", (where) => {
  describe("50 rounds each", () => {
    onServers("guarded", where, (played) => {
      it.each(rounds.map(([title, round], race) => [title, round, race] as const))(
        "%s",
        async (_title, round, race) => {
          expect(await played(round, race)).toEqual([]);
        },
      );
    });
  });

  describe("without guards these rounds see it", () => {
    onServers("unguarded", where, (played) => {
      it.each(rounds.map(([title, round], race) => [title, round, race] as const))(
        "%s: not so",
        async (_title, round, race) => {
          expect(await played(round, race)).not.toEqual([]);
        },
      );
    });
  });
});
