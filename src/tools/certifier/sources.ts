const DOCS = "https://developer.help.paycom.uz";

/** The sources of the rules: pages of Payme's documentation, with their titles. */
export const PAYME = {
  protocol: `Payme, «Протокол Merchant API»: ${DOCS}/protokol-merchant-api/`,
  scheme: `Payme, «Схема взаимодействия»: ${DOCS}/protokol-merchant-api/skhema-vzaimodeystviya/`,
  request: `Payme, «Формат запроса»: ${DOCS}/protokol-merchant-api/format-zaprosa`,
  answer: `Payme, «Формат ответа»: ${DOCS}/protokol-merchant-api/format-otveta`,
  errors: `Payme, «Ошибки»: ${DOCS}/metody-merchant-api/oshibki-errors`,
  types: `Payme, «Типы данных»: ${DOCS}/metody-merchant-api/tipy-dannykh`,
  // Payme's site swaps the addresses of the two Check pages.
  checkPerform: `Payme, CheckPerformTransaction: ${DOCS}/metody-merchant-api/checktransaction`,
  checkTransaction: `Payme, CheckTransaction: ${DOCS}/metody-merchant-api/checkperformtransaction`,
  create: `Payme, CreateTransaction: ${DOCS}/metody-merchant-api/createtransaction`,
  perform: `Payme, PerformTransaction: ${DOCS}/metody-merchant-api/performtransaction`,
  cancel: `Payme, CancelTransaction: ${DOCS}/metody-merchant-api/canceltransaction`,
  statement: `Payme, GetStatement: ${DOCS}/metody-merchant-api/getstatement`,
  fiscal: `Payme, SetFiscalData: ${DOCS}/metody-merchant-api/setfiscaldata`,
  sandbox: `Payme, «Песочница»: ${DOCS}/pesochnitsa`,
} as const;
