import { explainLink, type LinkProblem } from "../../checkout/explain-link";
import { isLoopback } from "../../kit/loopback";
import { CHECKOUT_HOST_LIVE, CHECKOUT_HOST_TEST } from "../../protocol/hosts";
import { type CheckRow, checksOf } from "./check";
import { right, uncertain, wrong } from "./finding";

/** A check for problems of one part of a link. */
const problemRow = (id: LinkProblem["of"], looksAt: string, why: string): CheckRow<string> => ({
  id,
  looksAt,
  why,
  after: id === "form" ? [] : ["form"],
  look(link) {
    const problems = explainLink(link).problems.filter(({ of }) => of === id);
    const saw = problems.map(({ text }) => text).join("; ");
    if (saw === "") return right("nothing odd");
    return wrong(saw, "Make the link by checkoutUrl, or look at it: npx payme-kit link --decode '…'");
  },
});

export const linkChecks = checksOf("link", ({ link }) => link, [
  problemRow("form", "the link is an address with Base64", "Payme's page shows an error."),
  problemRow("fields", "the cashbox and an account field, each once", "Payme cannot ask about the order."),
  problemRow("amount", "the amount is a whole number of tiyin", "Payme refuses it, or takes a hundredth."),
  {
    id: "host",
    after: ["form"],
    looksAt: "the link leads to Payme, to the host of the mode",
    why: "A link of the sandbox takes no money, and a live one takes real money.",
    look(link, { mode }) {
      const { origin, hostname } = new URL(link);
      const expected = mode === "test" ? CHECKOUT_HOST_TEST : CHECKOUT_HOST_LIVE;
      const isOther = [CHECKOUT_HOST_LIVE, CHECKOUT_HOST_TEST].includes(origin);
      const saw = `the link leads to ${origin}${mode === undefined ? "" : `, the mode is ${mode}`}`;
      if (origin === expected || (isOther && mode === undefined) || isLoopback(hostname)) return right(saw);
      const fix = `Give checkoutUrl mode: "${mode ?? "live"}" and no host.`;
      return isOther ? wrong(saw, fix) : uncertain(saw, fix);
    },
  },
  {
    id: "slash",
    after: ["form"],
    looksAt: "no `/` in the Base64",
    why: "It makes a second segment of the path, and Payme does not say whether it reads that.",
    look(link) {
      const path = new URL(link).pathname.replace(/^\/+/, "");
      if (!path.includes("/")) return right("one segment");
      return uncertain("the Base64 has a /", "Change the return address by a character, or use checkoutForm.");
    },
  },
]);
