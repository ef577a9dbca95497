import { qrModules } from "../../checkout/checkout-qr";

/** Two rows of modules in one line, by whether the upper and the lower one are dark. */
const BLOCKS = { "false,false": "█", "false,true": "▀", "true,false": "▄", "true,true": " " } as const;
/** What the standard asks for. */
const BORDER = 4;

/**
 * A QR code of half blocks for a terminal. Light modules are drawn, so that it stands as it must on a dark background; the
 * colours are set, so that it does on a light one, too.
 *
 * @throws PaymeValidationError when the text is too long for one.
 */
export function qrText(text: string): string {
  const rows = qrModules(text, { errorCorrection: "M", border: BORDER });
  const lines: string[] = [];
  for (let y = 0; y < rows.length; y += 2) {
    const [upper = [], lower] = [rows[y], rows[y + 1]];
    const line = upper.map((isDark, x) => BLOCKS[`${isDark},${lower?.[x] ?? false}`]).join("");
    lines.push(`\u001b[97;40m${line}\u001b[0m`);
  }
  return lines.join("\n");
}
