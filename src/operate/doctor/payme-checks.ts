import type { PaymeConfig } from "../../client/config-from-env";
import { createPaymeClient } from "../../client/payme-client";
import { defaultApiBase } from "../../client/settings";
import { API_HOST_LIVE, API_HOST_TEST, GUIDE_API_HOST_TEST } from "../../protocol/hosts";
import { type Check, right, uncertain, wrong } from "./finding";
import type { Subject } from "./subject";
import { tryKey } from "./try-key";

export const paymeChecks: readonly Check[] = [
  {
    id: "payme.reached",
    after: ["env.settings"],
    why: "Without Payme no receipt is made, and no lost notification is healed.",
    fix: "Look at the network, the firewall and the address of the API.",
    async look({ trial }, signal) {
      const tried = await trial(signal);
      return tried?.verdict === "unreached" ? uncertain(tried.text) : tried && right("Payme answers");
    },
  },
  {
    id: "payme.key",
    after: ["payme.reached", "env.key-shape"],
    why: "With a wrong key Payme refuses every call.",
    fix: "Copy PAYME_MERCHANT_ID and PAYME_SECRET_KEY of this cashbox and this mode from the cabinet.",
    async look(subject, signal) {
      const { verdict, text = "" } = (await subject.trial(signal)) ?? {};
      if (verdict === "accepted") return right(`${text}: the key is accepted`);
      if (verdict !== "refused") return verdict && uncertain(`${text}: this says nothing about the key`);
      const other = subject.config && (await acceptedElsewhere(subject.config, subject, signal));
      const saw = `${text}: the id and the key are refused here`;
      if (other === undefined) return wrong(saw);
      const { auth, mode, apiUrl } = other;
      const fix = `Set PAYME_AUTH=${auth} and PAYME_TEST_MODE=${mode === "test"}`;
      return wrong(`${saw}, and accepted at ${apiUrl} with the scheme ${auth}`, fix);
    },
  },
];

const PAYME_HOSTS = [API_HOST_LIVE, API_HOST_TEST, GUIDE_API_HOST_TEST];

/** Tries the other scheme, and Payme's other hosts. An address that is not Payme's gets the key in the other scheme only. */
async function acceptedElsewhere(config: PaymeConfig, { fetch }: Subject, signal: AbortSignal) {
  const modes = PAYME_HOSTS.includes(config.apiUrl) ? (["test", "live"] as const) : [];
  const places = (["key", "signature"] as const).flatMap((auth) => [
    ...modes.map((mode) => ({ auth, mode, apiUrl: defaultApiBase(auth, mode) })),
    ...(modes.length === 0 ? [{ auth, mode: config.mode, apiUrl: config.apiUrl }] : []),
  ]);
  const others = places.filter(({ auth, apiUrl }) => auth !== config.auth || apiUrl !== config.apiUrl);
  const trials = others.map(async (place) => {
    const { verdict } = await tryKey(createPaymeClient({ ...config, ...place, fetch, retries: 0 }), signal);
    return verdict === "accepted" ? place : undefined;
  });
  return (await Promise.all(trials)).find(Boolean);
}
