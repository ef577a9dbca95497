import { isTiyin, som, TIYIN_PER_SOM, type Tiyin } from "payme-kit";
import type { OldPayment } from "./old-rows";
import type { OldTariffs } from "./old-tariffs";
import type { Finding } from "./plan-file";

/** Finds out whether amounts are in som or tiyin: each row that names a tariff is held against its price, which is in som. */
export function unitJudge(tariffs: OldTariffs) {
  const votes = { som: 0, tiyin: 0, neither: 0 };
  const example: Partial<Record<"som" | "tiyin", string>> = {};
  return {
    look({ id, amount, tariff_id }: OldPayment): void {
      const tariff = tariffs.get(tariff_id ?? "");
      if (tariff === undefined || amount === null) return;
      const vote = voteOf(Number(amount), tariff.price / TIYIN_PER_SOM);
      votes[vote] += 1;
      if (vote !== "neither") example[vote] ??= id ?? "";
    },
    verdict(): Finding<"som" | "tiyin"> {
      const seen = `${votes.som} rows have their tariff's price in som, ${votes.tiyin} in tiyin, ${votes.neither} another amount`;
      if (votes.som > 0 && votes.tiyin > 0) {
        return {
          is: null,
          why: `${seen}: they contradict each other, for example ${example.som} and ${example.tiyin}`,
        };
      }
      const clear = Math.max(votes.som, votes.tiyin);
      if (clear === 0 || clear < votes.neither) return { is: null, why: `${seen}: too few say it` };
      return { is: votes.som > 0 ? "som" : "tiyin", why: seen };
    },
  };
}

function voteOf(amount: number, price: number): "som" | "tiyin" | "neither" {
  if (amount === price) return "som";
  return amount === price * TIYIN_PER_SOM ? "tiyin" : "neither";
}

/** The tiyin of an amount as the table has it; undefined for what is no whole number of tiyin above 0. */
export function tiyinOf(amount: string, unit: "som" | "tiyin"): Tiyin | undefined {
  const whole = amount.trim().replace(/\.0+$/, "");
  const isDecimal = /^\d{1,16}(\.\d{1,2})?$/.test(whole);
  if (!isDecimal || (unit === "tiyin" && whole.includes("."))) return undefined;
  const value = unit === "som" ? som(whole) : Number(whole);
  return isTiyin(value) && value > 0 ? value : undefined;
}
