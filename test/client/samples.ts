const merchant = {
  _id: "65a0b0000000000000000001",
  name: "Demo Shop",
  organization: "ООО «Demo»",
  address: "",
  business_id: "65a0a0000000000000000002",
  epos: { merchantId: "106600000099999", terminalId: "20669999" },
  date: 1704980000000,
  logo: null,
  type: "Internet",
  terms: null,
};

const created = {
  _id: "65a0c1d2e3f4a5b6c7d8e9f0",
  create_time: 1705034194310,
  pay_time: 0,
  cancel_time: 0,
  state: 0,
  type: 2,
  external: false,
  operation: -1,
  category: null,
  error: null,
  description: "Order 4417",
  detail: {
    receipt_type: 0,
    shipping: { title: "Courier", price: 250000 },
    items: [
      {
        title: "Green tea 100 g",
        price: 500000,
        count: 2,
        code: "00902001001000099",
        units: 1,
        vat_percent: 12,
        package_code: "1234567",
      },
    ],
  },
  amount: 1250000,
  currency: 860,
  commission: 0,
  account: [{ name: "order_id", title: "Номер заказа", value: "4417", main: true }],
  card: null,
  merchant,
  meta: { source: "subscribe", owner: "65a0b0000000000000000001" },
  processing_id: null,
};

/** The receipt above once paid, by a card that Payme masked. */
export const paidReceipt = {
  ...created,
  state: 4,
  pay_time: 1705034222015,
  card: { number: "860049******6478", expire: "9903" },
  processing_id: 0,
};

/** The example answers of docs/protocol/subscribe-api.md, section 9. */
export const receipts = {
  created,
  listed: {
    ...paidReceipt,
    detail: null,
    account: [
      {
        name: "order_id",
        title: { ru: "Номер заказа", uz: "Buyurtma raqami", en: "Order number" },
        value: "4417",
        main: true,
      },
      { name: "transaction", title: { ru: "Номер чека", uz: "Chek raqami" }, value: 91, main: false },
    ],
    merchant: { ...merchant, type: { ru: "Internet", uz: "Internet" } },
  },
};

const card = {
  number: "860049******6478",
  expire: "03/99",
  token: "65a0c100a1b2c3d4e5f60718_Qm9ndXNUb2tlbkZvckRvY3M",
  recurrent: true,
  verify: false,
  type: "22618",
};

/** The cards of the same examples. */
export const cards = { created: card, verified: { ...card, verify: true } };
