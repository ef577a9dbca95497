import type { Command } from "commander";
import { checkoutForm } from "../../checkout/checkout-form";
import type { CheckoutParams } from "../../checkout/checkout-params";
import { checkoutUrl } from "../../checkout/checkout-url";
import { formatSom, type Tiyin, tiyin } from "../../kit/money";
import { asUsage } from "./as-usage";
import { explainLink } from "./explain-link";
import { type CliIo, ExitCode, UsageError } from "./io";
import { qrText } from "./qr-text";

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
}

/** `payme-kit link`: a checkout link, as text, as a QR code or as a form; or what one says. */
export function linkCommand(program: Command, io: CliIo, end: (code: ExitCode) => void): void {
  program
    .command("link")
    .description("print a checkout link for an account and an amount, or say what one means")
    .option("--account <field=value>", "an account field as the cabinet names it; again for more", collect, [])
    .option("--amount <tiyin>", "what is to be paid, in tiyin (1 som = 100 tiyin)")
    .option("--merchant <id>", "the cashbox's id or alias; default: PAYME_MERCHANT_ID")
    .option("--lang <lang>", "the page's language: ru, uz or en")
    .option("--return <url>", "where the payer comes back to")
    .option("--return-after <ms>", "how long the result is shown before")
    .option("--test", "a link of the sandbox")
    .option("--host <url>", "another checkout host: a mock's")
    .option("--qr", "a QR code of it, for this terminal")
    .option("--form", "the HTML form that does the same by POST")
    .option("--decode <link>", "say what a link means, instead")
    .addHelpText("after", "\nExit code 0: done. 1: --decode found something wrong with the link. 2: could not run.")
    .action((flags: Flags) => end(run(flags, io)));
}

function run(flags: Flags, io: CliIo): ExitCode {
  if (flags.decode !== undefined) return explain(flags.decode, io);
  const params = paramsOf(flags, io);
  if (flags.form === true) {
    if (flags.qr === true) throw new UsageError("give --qr or --form, one of them");
    io.out(asUsage(() => checkoutForm(params)).html);
    return ExitCode.OK;
  }
  const link = asUsage(() => checkoutUrl(params));
  const code = flags.qr === true ? asUsage(() => qrText(link)) : undefined;
  io.err(`${params.amount} tiyin = ${formatSom(params.amount)} som`);
  io.out(link);
  if (code !== undefined) io.out(code);
  return ExitCode.OK;
}

function explain(link: string, io: CliIo): ExitCode {
  const { lines, problems } = explainLink(link);
  for (const line of lines) io.out(line);
  for (const problem of problems) io.out(`wrong: ${problem}`);
  return problems.length > 0 ? ExitCode.FOUND : ExitCode.OK;
}

function paramsOf(flags: Flags, io: CliIo): CheckoutParams {
  const merchantId = flags.merchant ?? io.env.PAYME_MERCHANT_ID ?? "";
  if (merchantId === "") throw new UsageError("no cashbox: give --merchant, or set PAYME_MERCHANT_ID");
  const { lang, returnAfter } = flags;
  return {
    merchantId,
    account: Object.fromEntries(flags.account.map(fieldOf)),
    amount: amountOf(flags.amount),
    mode: flags.test === true ? "test" : "live",
    host: flags.host,
    lang: lang === undefined ? undefined : languageOf(lang),
    returnUrl: flags.return,
    returnTimeoutMs: returnAfter === undefined ? undefined : wholeNumber("--return-after", returnAfter),
  };
}

function fieldOf(text: string): [string, string] {
  const [, name, value] = /^([^=]+)=(.*)$/su.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new UsageError(`--account ${text}: write field=value`);
  return [name, value];
}

function amountOf(text: string | undefined): Tiyin {
  if (text === undefined) throw new UsageError("no amount: give --amount, in tiyin");
  return asUsage(() => tiyin(wholeNumber("--amount", text)));
}

function wholeNumber(flag: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new UsageError(`${flag} ${text}: must be a whole number`);
}

function languageOf(text: string): "ru" | "uz" | "en" {
  if (text === "ru" || text === "uz" || text === "en") return text;
  throw new UsageError(`--lang ${text}: must be ru, uz or en`);
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}
