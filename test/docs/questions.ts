/** What a newcomer asks, in a newcomer's words, and where the docs answer it. */
export interface Question {
  readonly question: string;
  /** What the same newcomer types into the search of the site. */
  readonly typed: string;
  readonly page: string;
  /** The heading under which the answer stands. */
  readonly heading: string;
  /** What the answer cannot do without. */
  readonly words: readonly string[];
}

export const QUESTIONS: readonly Question[] = [
  {
    question: "Which cashbox do I need, a web cashbox or a virtual terminal?",
    typed: "web cashbox or virtual terminal",
    page: "docs/README.md",
    heading: "1. Start",
    words: ["ordinary web cashbox", "virtual terminal", "save a card"],
  },
  {
    question: "Can I try it without a cashbox?",
    typed: "try without cashbox",
    page: "docs/mock.md",
    heading: "A Payme beside your editor",
    words: ["npx payme-kit mock", "no cashbox", "no money"],
  },
  {
    question: "What is the difference between the key and the test key?",
    typed: "test key",
    page: "docs/going-live.md",
    heading: "1. The cabinet",
    words: ["TEST_KEY", "real money", "the sandbox calls with it"],
  },
  {
    question: "Do I write the price in som or in tiyin?",
    typed: "price som tiyin",
    page: "docs/README.md",
    heading: "A few words",
    words: ["1 som is 100 tiyin", "som(50_000)"],
  },
  {
    question: "My server is on localhost. How does the sandbox reach it?",
    typed: "localhost sandbox",
    page: "docs/going-live.md",
    heading: "3. An endpoint that the internet can reach",
    words: ["localhost", "tunnel", "HTTPS"],
  },
  {
    question: "Does it work with Prisma?",
    typed: "works with prisma",
    page: "docs/orm-transactions.md",
    heading: "Prisma",
    words: ["prismaStorage", "updateMany"],
  },
  {
    question: "My shop is on MySQL. Can I use it?",
    typed: "mysql",
    page: "docs/storage.md",
    heading: "An adapter of your own",
    words: ["MySQL", "write-an-adapter.md"],
  },
  {
    question: "My backend is in Laravel. Do I have to rewrite it?",
    typed: "laravel",
    page: "docs/another-language.md",
    heading: "Beside a backend in another language",
    words: ["PHP", "keeps everything else", "PostgreSQL"],
  },
  {
    question: "I also take Click. Can one order be paid twice?",
    typed: "click order paid twice",
    page: "docs/beside-click-and-uzum.md",
    heading: "Payme beside Click and Uzum",
    words: ["One orders table, one statement that sells", "Click"],
  },
  {
    question: "How do I show a QR code?",
    typed: "qr code",
    page: "docs/merchant-api.md",
    heading: "Link, form, QR code",
    words: ["checkoutQr", "SVG", "poster"],
  },
  {
    question: "The customer is back on my site. Is the order paid?",
    typed: "customer is back on my site",
    page: "docs/merchant-api.md",
    heading: "The Merchant API: Payme calls your server",
    words: ["Only `PerformTransaction` means paid", "came back proves nothing"],
  },
  {
    question: "The customer closed Payme's page. When can they pay again?",
    typed: "customer closed page",
    page: "docs/going-live.md",
    heading: "7. The first payment, and its refund",
    words: ["leave the page", "12 hours", "It is free"],
  },
  {
    question: "My customer paid, but the order is still waiting. Why?",
    typed: "customer paid, order still waiting",
    page: "docs/merchant-api.md",
    heading: "Paid, and the order still waits",
    words: ["npx payme-kit story", "npx payme-kit doctor", "effect_failed", "by hand"],
  },
  {
    question: "The money came twice. What now?",
    typed: "money came twice",
    page: "docs/production.md",
    heading: "Incidents",
    words: ["double_payment", "paid twice", "refund the second one"],
  },
  {
    question: "How do I give half of the money back?",
    typed: "half of the money back",
    page: "docs/refunds.md",
    heading: "Refunds, and where one begins",
    words: ["no partial refund"],
  },
  {
    question: "Payme says -32504. What is wrong?",
    typed: "-32504",
    page: "docs/errors-by-code.md",
    heading: "Errors by code",
    words: ["| -32504 | your endpoint | the key is wrong", "| -32504 | Payme |"],
  },
  {
    question: "Which IP addresses does Payme call from?",
    typed: "ip addresses",
    page: "docs/going-live.md",
    heading: "6. Live",
    words: ["185.234.113.1", "PAYME_ADDRESSES"],
  },
  {
    question: "My server was down for an hour. Are payments lost?",
    typed: "server was down",
    page: "docs/when-a-hook-fails.md",
    heading: "Who comes again, and when",
    words: ["server is down", "no new payment begins", "comes again"],
  },
  {
    question: "How do I take money from a card every month?",
    typed: "card every month",
    page: "docs/subscriptions.md",
    heading: "Subscriptions: renewals on saved cards",
    words: ["each period once", "every: { months: 1 }"],
  },
  {
    question: "Where does the IKPU code go?",
    typed: "ikpu",
    page: "docs/fiscal-receipts.md",
    heading: "What was sold: `detail`",
    words: ["IKPU (MXIK)", "17 digits", "CheckPerformTransaction"],
  },
];
