import { createCardClient } from "payme-kit/client/browser";

const WORDS = {
  uz: {
    number: "Karta raqami",
    expire: "OO/YY",
    code: "SMS kod",
    go: "Davom etish",
    wrong: "Bo‘lmadi. Qayta urinib ko‘ring.",
  },
  ru: {
    number: "Номер карты",
    expire: "ММ/ГГ",
    code: "Код из SMS",
    go: "Дальше",
    wrong: "Не получилось. Попробуйте ещё раз.",
  },
  en: {
    number: "Card number",
    expire: "MM/YY",
    code: "SMS code",
    go: "Continue",
    wrong: "That did not work. Try again.",
  },
};

const language = new URLSearchParams(location.search).get("language");
const words = language === "ru" || language === "en" ? WORDS[language] : WORDS.uz;
// The server puts in the cashbox's id, never its key.
const cards = createCardClient(SETTINGS);
const main = document.querySelector("main");

/** Asks for fields, and returns what was typed. */
function ask(...labels) {
  const form = document.createElement("form");
  const inputs = labels.map((label) => {
    const input = document.createElement("input");
    Object.assign(input, {
      required: true,
      inputMode: "numeric",
      autocomplete: "off",
      placeholder: label,
      ariaLabel: label,
    });
    return input;
  });
  const button = document.createElement("button");
  button.textContent = words.go;
  form.append(...inputs, button);
  main?.replaceChildren(form);
  return new Promise((resolve) => {
    form.onsubmit = (event) => {
      event.preventDefault();
      resolve(inputs.map(({ value }) => value));
    };
  });
}

for (;;) {
  try {
    const [number = "", expire = ""] = await ask(words.number, words.expire);
    const { token } = await cards.create({ number, expire, save: true });
    const { phone } = await cards.getVerifyCode(token);
    const [code = ""] = await ask(`${words.code} (${phone})`);
    const verified = await cards.verify({ token, code });
    const body = JSON.stringify({ initData: Telegram.WebApp.initData, token: verified.token, language });
    const saved = await fetch("/card", { method: "POST", body });
    if (!saved.ok) throw new Error(String(saved.status));
    Telegram.WebApp.close();
    break;
  } catch {
    alert(words.wrong);
  }
}
