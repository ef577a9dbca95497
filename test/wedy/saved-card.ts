import type { Mock } from "./shop";

/** 32 bytes: seals the cards of a shop. */
export const SEAL_KEYS = [Buffer.alloc(32, 7).toString("base64")];
/** One of Payme's own test cards that pay. */
export const RICH = "8600495473316478";
export const consent = { text: "Each 30 days 50,000 som, until I cancel.", version: "1" };

/** A token of a card as a page gets it. */
export async function savedCard(
  { mock }: { readonly mock: Pick<Mock, "merchantId" | "fetch"> },
  number = RICH,
  save = true,
): Promise<string> {
  const ask = async (method: string, params: object) => {
    const body = JSON.stringify({ id: 1, method, params });
    const response = await mock.fetch("https://payme.example/api", {
      method: "POST",
      headers: { "X-Auth": mock.merchantId },
      body,
    });
    return Object(Object(await response.json()).result).card;
  };
  const { token } = await ask("cards.create", { card: { number, expire: "0399" }, save });
  return String(Object(await ask("cards.verify", { token, code: "666666" })).token);
}
