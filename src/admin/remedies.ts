import type { Language } from "../html/language";
import type { IncidentKind } from "../ledger";
import { remedyOf } from "../operate/remedies";

type Remedies = Readonly<Record<IncidentKind, string>>;

const UZ: Remedies = {
  double_payment:
    "Bitta to‘lov ikkita Payme ID bilan to‘langan. Ikkinchisini Payme kabinetida qaytaring yoki uning evaziga tovar bering. Keyin hal bo‘ldi deng.",
  paid_after_cancel:
    "Bekor qilingan to‘lov uchun pul keldi. Qabul qiling yoki Payme kabinetida qaytarib, hal bo‘ldi deng.",
  amount_mismatch: "So‘ralgandan boshqa summa keldi. Qabul qiling yoki Payme kabinetida qaytarib, hal bo‘ldi deng.",
  unknown_transaction:
    "Noma’lum ID bilan pul keldi. Nima uchunligini aniqlab, o‘sha to‘lov uchun qabul qiling yoki qaytarib, hal bo‘ldi deng.",
  paid_elsewhere:
    "Buyurtma boshqa yo‘l bilan sotilgan. Pul olingan bo‘lsa, qaytaring; rad etilgan bo‘lsa, kabinetda qaytganini ko‘ring. Keyin hal bo‘ldi deng.",
  not_taken_back: "Pul qaytarilgan, tovar qaytib olinmagan. Uni qo‘lda qaytarib oling, keyin hal bo‘ldi deng.",
  no_fulfiller: "Bu turni bajaradigan jarayon ishlamayapti. Uni ishga tushiring: o‘zi hal bo‘ladi.",
  refund_refused: "Payme qaytarishni olgan edi, endi to‘langan deydi. Yana qaytaring yoki kabinetda qaytaring.",
  refund_stuck: "Qaytarish Payme’da 48 soatdan beri navbatda. Chek ID bilan Payme yordamiga yozing.",
  hold_expiring: "Ushlab turilgan pul uch kundan keyin qaytadi. Uni oling yoki qo‘yib yuboring.",
  charge_unknown:
    "Payme davr uchun pul olinganini bir necha kundan beri aytmayapti. Chekni kabinetda ko‘ring: to‘langan bo‘lsa, o‘zi hal bo‘ladi; bo‘lmasa, obunani bekor qiling yoki kartani almashtiring.",
  charge_blocked:
    "Payme obuna to‘lovlarini kassa sababli rad etmoqda. Kodni ko‘rib, tuzating: to‘lov har kuni yana so‘raladi.",
  periods_skipped: "Ishchi to‘xtaganda ba’zi davrlar uchun pul olinmagan. Ular bepul qoladi. Hal bo‘ldi deng.",
  effect_failed: "Kod xato berdi va hammasi qaytarildi. Tuzating, keyin Payme’dan so‘rang: o‘zi hal bo‘ladi.",
  message_parked: "Xabar yetkazilmadi. Qabul qiluvchini tuzating, keyin yana yuboring.",
};

const RU: Remedies = {
  double_payment:
    "Один платёж оплачен под двумя ID Payme. Верните второй в кабинете Payme или выдайте за него товар. Потом отметьте «решено».",
  paid_after_cancel: "Пришли деньги за отменённый платёж. Примите их или верните в кабинете Payme и отметьте «решено».",
  amount_mismatch: "Пришла другая сумма. Примите её или верните в кабинете Payme и отметьте «решено».",
  unknown_transaction:
    "Пришли деньги под неизвестным ID. Выясните, за что они, и примите за тот платёж, или верните и отметьте «решено».",
  paid_elsewhere:
    "Заказ продан другим путём. Если деньги взяты, верните платёж; если отказано, проверьте в кабинете, что они ушли назад. Потом отметьте «решено».",
  not_taken_back: "Возврат записан, а товар не забран. Заберите его вручную и отметьте «решено».",
  no_fulfiller: "Нет процесса, который исполняет этот вид. Запустите его: решится само.",
  refund_refused: "Payme принял возврат, а теперь говорит, что платёж оплачен. Верните ещё раз или в кабинете.",
  refund_stuck: "Возврат стоит в очереди Payme более 48 часов. Напишите в поддержку Payme, указав ID чека.",
  hold_expiring: "Удержание закончится через три дня. Спишите деньги или отпустите их.",
  charge_unknown:
    "Payme несколько дней не говорит, взяты ли деньги за период. Посмотрите чек в кабинете: оплачен — решится само; иначе отмените подписку или смените карту.",
  charge_blocked:
    "Payme отказывает в списаниях подписки из-за кассы. Посмотрите код и исправьте: списание повторится каждый день.",
  periods_skipped: "Пока воркер не работал, прошли периоды без списания. Они останутся бесплатными. Отметьте «решено».",
  effect_failed: "Код магазина упал, и всё отменено. Исправьте его и спросите Payme: решится само.",
  message_parked: "Сообщение не доставлено. Исправьте получателя и отправьте снова.",
};

/** Returns what a person does about an incident, in the language of the page. */
export function remedyIn(language: Language, kind: IncidentKind): string {
  return language === "en" ? remedyOf(kind) : { uz: UZ, ru: RU }[language][kind];
}
