import { bytesOf } from "../kit/bytes";
import { isPaymeError, PaymeConfigError } from "../kit/errors";
import type { Eventual } from "../kit/eventual";

/** Seals tokens, so that the database alone charges no card. Yours, over a KMS, or {@link aesSeal}. */
export interface Seal {
  /** Returns the token as text that may be stored. `cardId` names its row: bind the text to it, so that no other row can use it. */
  wrap(token: string, cardId: string): Eventual<string>;
  /** Returns the token. Rejects where the text was sealed with a key that is gone, or for another card. */
  unwrap(sealed: string, cardId: string): Eventual<string>;
  /** True where the text was sealed with the newest key. Left out: always true. */
  isNewest?(sealed: string): Eventual<boolean>;
}

/** The same seal, whose errors have no text of its own: a token may be in it. */
export function silent(seal: Seal): Seal {
  return {
    wrap: (token, cardId) => quietly(() => seal.wrap(token, cardId)),
    unwrap: (sealed, cardId) => quietly(() => seal.unwrap(sealed, cardId)),
    isNewest: (sealed) => quietly(() => seal.isNewest?.(sealed) ?? true),
  };
}

async function quietly<Value>(work: () => Eventual<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (isPaymeError(error)) throw error;
    throw new PaymeConfigError("the seal threw, and the token stays as it is", {
      hint: "Call seal.wrap and seal.unwrap by hand to see its error: it is not shown here, since a token may be in it.",
    });
  }
}

const KEY_BYTES = 32;
const IV_BYTES = 12;
const VERSION = "v1";

/**
 * A seal with AES-256-GCM. The first key seals, all of them open: put a new key first, run `cards.reseal()`, then drop the old one.
 *
 * @param keys 32 bytes each, or their base64: `openssl rand -base64 32`.
 * @throws PaymeConfigError where a key has another length.
 * @example
 * const seal = aesSeal([process.env.SEAL_KEY ?? ""]);
 */
export function aesSeal(keys: readonly (string | Uint8Array)[]): Seal {
  const known = keys.map(keyOf);
  if (known.length === 0) throw new PaymeConfigError("aesSeal: give at least one key");
  const newest = (): Promise<SealKey> => Promise.resolve(known[0] ?? Promise.reject(new Error("no key")));
  return {
    async wrap(token, cardId) {
      const { key, id } = await newest();
      const iv = globalThis.crypto.getRandomValues(new Uint8Array(IV_BYTES));
      const sealed = await globalThis.crypto.subtle.encrypt(bound(iv, cardId), key, new TextEncoder().encode(token));
      return [VERSION, id, base64(iv), base64(new Uint8Array(sealed))].join(".");
    },
    async unwrap(sealed, cardId) {
      const [version, id, iv = "", text = ""] = sealed.split(".");
      for (const each of version === VERSION ? known : []) {
        const { key, id: keyId } = await each;
        if (keyId !== id) continue;
        const opened = await globalThis.crypto.subtle
          .decrypt(bound(fromBase64(iv), cardId), key, fromBase64(text))
          .catch(() => undefined);
        if (opened !== undefined) return new TextDecoder().decode(opened);
      }
      throw new PaymeConfigError(`the token of card ${cardId} cannot be opened with these keys`, {
        hint: "Give aesSeal the key that it was sealed with, too: aesSeal([newest, older]).",
      });
    },
    isNewest: async (sealed) => sealed.startsWith(`${VERSION}.${(await newest()).id}.`),
  };
}

type AesKey = Awaited<ReturnType<typeof globalThis.crypto.subtle.importKey>>;

interface SealKey {
  readonly key: AesKey;
  /** Names the key, and tells nothing of it. */
  readonly id: string;
}

async function importKey(bytes: Uint8Array<ArrayBuffer>): Promise<SealKey> {
  const { subtle } = globalThis.crypto;
  const digest = new Uint8Array(await subtle.digest("SHA-256", bytes));
  return {
    key: await subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]),
    id: base64(digest.subarray(0, 6)),
  };
}

function keyOf(key: string | Uint8Array): Promise<SealKey> {
  const bytes = typeof key === "string" ? decoded(key) : Uint8Array.from(bytesOf(key) ?? []);
  if (bytes?.length !== KEY_BYTES) {
    // Never a part of the key in the text.
    throw new PaymeConfigError(`aesSeal: a key has ${bytes?.length ?? 0} bytes instead of ${KEY_BYTES}`, {
      hint: "Make one with: openssl rand -base64 32",
    });
  }
  const imported = importKey(bytes);
  // Whoever uses the seal meets the error.
  imported.catch(() => {});
  return imported;
}

function decoded(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return fromBase64(text.trim());
  } catch {
    return undefined;
  }
}

function bound(iv: Uint8Array<ArrayBuffer>, cardId: string) {
  return { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(cardId) };
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
}
