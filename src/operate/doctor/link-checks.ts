import { explainLink } from "../../checkout/explain-link";
import { isLoopback } from "../../kit/loopback";
import { CHECKOUT_HOST_LIVE, CHECKOUT_HOST_TEST } from "../../protocol/hosts";
import { type Check, right, uncertain, wrong } from "./finding";

const WHY = {
  form: "Payme's page shows an error.",
  fields: "Without the cashbox and an account field, each once, Payme cannot ask about the order.",
  amount: "Payme takes whole tiyin only: 1 som is 100 tiyin.",
} as const;

export const linkChecks: readonly Check[] = [
  ...(["form", "fields", "amount"] as const).map(
    (part): Check => ({
      id: `link.${part}`,
      after: part === "form" ? [] : ["link.form"],
      why: WHY[part],
      fix: "Make the link by checkoutUrl, or look at it: npx payme-kit link --decode '…'",
      look({ link }) {
        if (link === undefined) return undefined;
        const problems = explainLink(link).problems.flatMap(({ of, text }) => (of === part ? [text] : []));
        return problems.length > 0 ? wrong(problems.join("; ")) : right("nothing is odd");
      },
    }),
  ),
  {
    id: "link.host",
    after: ["link.form"],
    why: "A link of the sandbox takes no money, and a live one takes real money.",
    fix: "Give checkoutUrl the mode, and no host.",
    look({ link, client }) {
      if (link === undefined) return undefined;
      const { origin, hostname } = new URL(link);
      const saw = `the link leads to ${origin}, the mode is ${client?.mode ?? "not known"}`;
      const isPaymes = origin === CHECKOUT_HOST_LIVE || origin === CHECKOUT_HOST_TEST;
      if (!isPaymes) return (isLoopback(hostname) ? right : uncertain)(saw);
      const isRight = client === undefined || (client.mode === "live") === (origin === CHECKOUT_HOST_LIVE);
      return (isRight ? right : wrong)(saw);
    },
  },
  {
    id: "link.slash",
    after: ["link.form"],
    why: "A / in the Base64 makes a second segment of the path, and Payme does not say whether it reads that.",
    fix: "Change the return address by a character, or use checkoutForm.",
    look({ link }) {
      if (link === undefined) return undefined;
      const hasSlash = new URL(link).pathname.replace(/^\/+/, "").includes("/");
      return hasSlash ? uncertain("the Base64 has a /") : right("one segment");
    },
  },
];
