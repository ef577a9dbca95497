import { type Html, html } from "../html/html";
import { formatSom, type Tiyin } from "../kit/money";
import type { View } from "./view";

const [WIDTH, HEIGHT, STEP] = [600, 140, 20];

/** What was paid and refunded on each day, as bars. A table beside it has the same figures. */
export function chart(
  days: readonly { readonly day: string; readonly paid: Tiyin; readonly refunded: Tiyin }[],
  t: View["t"],
): Html {
  const most = Math.max(1, ...days.flatMap(({ paid, refunded }) => [paid, refunded]));
  const bar = (kind: string, x: number, amount: number, width: number) => {
    const height = Math.ceil((amount / most) * HEIGHT);
    return html`<rect class="${kind}" x="${x}" y="${HEIGHT - height}" width="${width}" height="${height}"/>`;
  };
  const bars = days.map(
    ({ day, paid, refunded }, index) =>
      html`<g><title>${day}: ${formatSom(paid)} / ${formatSom(refunded)}</title>${bar("paid", index * STEP + 1, paid, 12)}${bar("refunded", index * STEP + 13, refunded, 5)}</g>`,
  );
  const name = `${t("paid")}, ${t("refunded")}: ${days.at(0)?.day} – ${days.at(-1)?.day}`;
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT + 1}" role="img" aria-label="${name}"><path class="ground" d="M0 ${HEIGHT + 0.5}H${WIDTH}"/>${bars}</svg>
<p class="key"><span class="paid">${t("paid")}</span> <span class="refunded">${t("refunded")}</span></p>`;
}
