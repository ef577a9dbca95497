import type { Tariffs } from "payme-kit/tariffs";

/** Users as far as this server knows them. */
export interface Users {
  /** Makes the user's row where there is none: whoever has a valid token is a user. */
  ensure(id: string): Promise<void>;
  /** Asks the database something small. @throws when it does not answer. */
  ping(): Promise<void>;
}

/** How many ids are remembered, so that not every request writes. */
const REMEMBERED = 10_000;

export function createUsers(tariffs: Tariffs): Users {
  const known = new Set<string>();
  return {
    async ensure(id) {
      if (known.has(id)) return;
      await tariffs.addUser(id);
      if (known.size >= REMEMBERED) known.clear();
      known.add(id);
    },
    async ping() {
      await tariffs.payments.find("health");
    },
  };
}
