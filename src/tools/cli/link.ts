import { checkoutForm } from "../../checkout/checkout-form";
import type { CheckoutParams } from "../../checkout/checkout-params";
import { qrModules } from "../../checkout/checkout-qr";
import { checkoutUrl } from "../../checkout/checkout-url";
import { explainLink } from "../../checkout/explain-link";
import { formatSom, type Tiyin, tiyin } from "../../kit/money";
import type { AddCommand } from "./add-command";
import { examples } from "./examples";
import { accountOf, collect, wholeNumber } from "./input";
import { asUsage, type CliIo, ExitCode, UsageError } from "./io";

interface Flags {
  readonly account: readonly string[];
  readonly amount?: string;
  readonly merchant?: string;
  readonly lang?: string;
  readonly return?: string;
  readonly returnAfter?: string;
  readonly host?: string;
  readonly test?: true;
  readonly qr?: true;
  readonly form?: true;
  readonly decode?: string;
  readonly json?: true;
}

/** `payme-kit link`: prints a checkout link as text, QR code or form; or explains a link. */
export const linkCommand: AddCommand = (command, io, end) => {
  command
    .option("--account <field=value>", "an account field, named as in the cabinet; repeat it for more", collect, [])
    .option("--amount <tiyin>", "the amount in tiyin (1 som = 100 tiyin)")
    .option("--merchant <id>", "the cashbox's id or alias; default: PAYME_MERCHANT_ID")
    .option("--lang <lang>", "the language of the page: ru, uz or en")
    .option("--return <url>", "the address to which the payer returns")
    .option("--return-after <ms>", "how long the page shows the result first")
    .option("--test", "make a link of the sandbox")
    .option("--host <url>", "use another checkout host: a mock's")
    .option("--qr", "also print a QR code for this terminal")
    .option("--form", "print the HTML form that does the same by POST")
    .option("--decode <link>", "explain this link instead")
    .option("--json", "print one JSON document: {link, amount, som}, {action, fields, html} or {lines, problems}")
    .addHelpText(
      "after",
      examples({
        posix: [
          "npx payme-kit link --merchant 587f72c72cac0d162c722ae2 --account order_id=197 --amount 5000000 --qr",
          "npx payme-kit link --decode https://checkout.paycom.uz/bT01ODdmNzJjNzJjYWMwZDE2MmM3MjJhZTI7YWMub3JkZXJfaWQ9MTk3O2E9NTAw --json",
        ],
        powershell: [
          "$env:PAYME_MERCHANT_ID = '587f72c72cac0d162c722ae2'",
          "npx payme-kit link --account order_id=197 --amount 5000000",
        ],
      }),
    )
    .addHelpText("after", "\nExit code 0: done. 1: --decode found something wrong with the link. 2: could not run.")
    .action((flags: Flags) => end(run(flags, io)));
};

function run(flags: Flags, io: CliIo): ExitCode {
  if (flags.decode !== undefined) return explain(flags.decode, flags, io);
  const params = paramsOf(flags, io);
  if (flags.form === true) {
    if (flags.qr === true) throw new UsageError("give --qr or --form, one of them");
    const form = asUsage(() => checkoutForm(params));
    io.out(flags.json === true ? JSON.stringify(form, null, 2) : form.html);
    return ExitCode.OK;
  }
  const link = asUsage(() => checkoutUrl(params));
  const code = flags.qr === true ? asUsage(() => qrText(link)) : undefined;
  const som = formatSom(params.amount);
  io.err(`${params.amount} tiyin = ${som} som`);
  if (flags.json === true) {
    io.out(JSON.stringify({ link, amount: params.amount, som }, null, 2));
    return ExitCode.OK;
  }
  io.out(link);
  if (code !== undefined) io.out(code);
  return ExitCode.OK;
}

function explain(link: string, { json }: Flags, io: CliIo): ExitCode {
  const { lines, problems } = explainLink(link);
  const texts = [...lines, ...problems.map(({ text }) => `wrong: ${text}`)];
  io.out(json === true ? JSON.stringify({ lines, problems }, null, 2) : texts.join("\n"));
  return problems.length > 0 ? ExitCode.FOUND : ExitCode.OK;
}

function paramsOf(flags: Flags, io: CliIo): CheckoutParams {
  const merchantId = flags.merchant ?? io.env.PAYME_MERCHANT_ID ?? "";
  if (merchantId === "") throw new UsageError("no cashbox: give --merchant, or set PAYME_MERCHANT_ID");
  const { lang, returnAfter } = flags;
  return {
    merchantId,
    account: accountOf(flags.account),
    amount: amountOf(flags.amount),
    mode: flags.test === true ? "test" : "live",
    host: flags.host,
    lang: lang === undefined ? undefined : languageOf(lang),
    returnUrl: flags.return,
    returnTimeoutMs: returnAfter === undefined ? undefined : wholeNumber("--return-after", returnAfter),
  };
}

function amountOf(text: string | undefined): Tiyin {
  if (text === undefined) throw new UsageError("no amount: give --amount, in tiyin");
  return asUsage(() => tiyin(wholeNumber("--amount", text)));
}

function languageOf(text: string): "ru" | "uz" | "en" {
  if (text === "ru" || text === "uz" || text === "en") return text;
  throw new UsageError(`--lang ${text}: must be ru, uz or en`);
}

/** Two rows of modules in one line, by whether the upper and the lower one are dark. */
const BLOCKS = { "false,false": "█", "false,true": "▀", "true,false": "▄", "true,true": " " } as const;
/** The border in modules, from the standard. */
const BORDER = 4;

/**
 * Draws a QR code with half blocks. It draws the light modules and sets both colours, so any terminal shows it right.
 *
 * @throws PaymeValidationError when the text is too long for a QR code.
 */
function qrText(text: string): string {
  const rows = qrModules(text, { errorCorrection: "M", border: BORDER });
  const lines: string[] = [];
  for (let y = 0; y < rows.length; y += 2) {
    const [upper = [], lower] = [rows[y], rows[y + 1]];
    const line = upper.map((isDark, x) => BLOCKS[`${isDark},${lower?.[x] ?? false}`]).join("");
    lines.push(`\u001b[97;40m${line}\u001b[0m`);
  }
  return lines.join("\n");
}
