import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Variant } from "./databases";
import { type Round, rounds } from "./merchant-rounds";
import { type RacingServers, startServers, type Where } from "./merchant-servers";
import { type NewDatabase, onEachDatabase } from "./new-database";

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
  newAddress: NewDatabase,
  variant: Variant,
  where: Where,
  rule: (play: (round: Round, race: number) => Promise<string[]>) => void,
) {
  let servers: RacingServers;
  let remove = () => {};
  beforeAll(async () => {
    const address = await newAddress((gone) => {
      remove = gone;
    });
    servers = await startServers(address, variant, where);
  });
  afterAll(async () => {
    await servers.close();
    remove();
  });
  rule((round, race) => play(round, servers, race * ROUNDS + 1));
}

onEachDatabase((newAddress) => {
  describe.each<Where>(["one process", "two processes"])("over HTTP, in %s", (where) => {
    describe("50 rounds each", () => {
      onServers(newAddress, "guarded", where, (played) => {
        it.each(rounds.map(([title, round], race) => [title, round, race] as const))(
          "%s",
          async (_title, round, race) => {
            expect(await played(round, race)).toEqual([]);
          },
        );
      });
    });

    describe("without guards these rounds fail", () => {
      onServers(newAddress, "unguarded", where, (played) => {
        it.each(rounds.map(([title, round], race) => [title, round, race] as const))(
          "%s: not so",
          async (_title, round, race) => {
            expect(await played(round, race)).not.toEqual([]);
          },
        );
      });
    });
  });
});
