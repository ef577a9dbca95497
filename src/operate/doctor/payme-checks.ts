import type { PaymeConfig } from "../../client/config-from-env";
import { createPaymeClient } from "../../client/payme-client";
import { defaultApiBase } from "../../client/settings";
import { API_HOST_LIVE, API_HOST_TEST, GUIDE_API_HOST_TEST, type Mode } from "../../protocol/hosts";
import { checksOf } from "./check";
import { right, uncertain, wrong } from "./finding";
import type { Subject } from "./subject";
import { tryKey } from "./try-key";

export const paymeChecks = checksOf("payme", ({ payme }) => payme, [
  {
    id: "reached",
    after: ["env.settings"],
    isOnline: true,
    looksAt: "Payme answers a call of the Subscribe API",
    why: "Without it no receipt is made, and no lost notification is healed.",
    async look({ trial }, _subject, signal) {
      const { verdict, text } = await trial(signal);
      if (verdict !== "unreached") return right("Payme answers");
      return uncertain(text, "Look at the network, the firewall and the address of the API, then call again.");
    },
  },
  {
    id: "key",
    after: ["reached", "env.key-shape"],
    isOnline: true,
    looksAt: "Payme accepts the id and the key, tried by a read",
    why: "With a wrong key every call is refused.",
    async look({ trial }, subject, signal) {
      const { verdict, text } = await trial(signal);
      if (verdict === "accepted") return right(`${text}: the key is accepted`);
      if (verdict !== "refused") return uncertain(`${text}: this says nothing about the key`, "Call again later.");
      const other = typeof subject.config === "object" ? await acceptedElsewhere(subject.config, subject, signal) : undefined;
      const saw = `${text}: the id and the key are refused here`;
      if (other !== undefined) return wrong(`${saw}, and accepted at ${other.apiUrl} with auth ${other.auth}`, other.fix);
      return wrong(saw, "Copy PAYME_MERCHANT_ID and PAYME_SECRET_KEY of this cashbox and this mode from the cabinet.");
    },
  },
]);

interface Place {
  readonly auth: "key" | "signature";
  readonly mode: Mode;
  readonly apiUrl: string;
}

const PAYME_HOSTS = [API_HOST_LIVE, API_HOST_TEST, GUIDE_API_HOST_TEST];

/** Tries the other scheme and the other hosts of Payme's. Another address gets the key in the other scheme only. */
async function acceptedElsewhere(
  config: PaymeConfig,
  { fetch }: Subject,
  signal: AbortSignal,
): Promise<(Place & { fix: string }) | undefined> {
  const schemes = ["key", "signature"] as const;
  const places: Place[] = PAYME_HOSTS.includes(config.apiUrl)
    ? schemes.flatMap((auth) =>
        (["live", "test"] as const).map((mode) => ({ auth, mode, apiUrl: defaultApiBase(auth, mode) })),
      )
    : schemes.map((auth) => ({ auth, mode: config.mode, apiUrl: config.apiUrl }));
  const others = places.filter(({ auth, apiUrl }) => auth !== config.auth || apiUrl !== config.apiUrl);
  const trials = others.map(async (place) => {
    const client = createPaymeClient({ ...config, ...place, fetch, retries: 0 });
    return (await tryKey(client, signal)).verdict === "accepted" ? place : undefined;
  });
  const place = (await Promise.all(trials)).find(Boolean);
  return place && { ...place, fix: `PAYME_AUTH=${place.auth} PAYME_TEST_MODE=${place.mode === "test"}` };
}
