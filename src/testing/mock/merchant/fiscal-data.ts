/** What the tax service says of a receipt that it accepted. Source: developer.help.paycom.uz, "SetFiscalData". */
export function fiscalData(now: number) {
  return {
    receipt_id: 341,
    status_code: 0,
    message: "accepted",
    terminal_id: "EP000000000777",
    fiscal_sign: "700012345678",
    qr_code_url: "https://ofd.example/check?r=341",
    // YYYYMMDDHHmmss; in which zone, Payme does not say.
    date: new Date(now).toISOString().replace(/\D/g, "").slice(0, 14),
  };
}
