import { CARD_BRANDS } from "./card-brands";

const brands = CARD_BRANDS.map(({ name, begins }) => `["${name}",${begins}]`).join(",");

/**
 * The script of the payment page. It sends the same forms as a browser without it, and replaces the page with the answer:
 * typed text stays, and going back never asks to pay again.
 */
export const PAGE_SCRIPT = `"use strict";
(() => {
  const brands = [${brands}];
  const find = (selector) => document.querySelector(selector);
  const digitsOf = (text) => text.replace(/\\D/g, "");
  const said = document.body.appendChild(document.createElement("p"));
  said.className = "said";
  said.setAttribute("role", "status");

  // Numbers in fours, expiry with its slash, brand beside the number.
  function tidy(input, isTyped) {
    const digits = digitsOf(input.value);
    let text = input.value;
    if (input.name === "number") text = digits.slice(0, 19).replace(/(.{4})(?=.)/g, "$1 ");
    else if (input.name === "expire") text = expiryOf(digits, isTyped);
    else if (input.name === "cvv") text = digits;
    if (text !== input.value) {
      const isAtEnd = input.selectionStart === input.value.length;
      const before = digitsOf(input.value.slice(0, input.selectionStart)).length;
      input.value = text;
      let at = isAtEnd ? text.length : 0;
      for (let seen = 0; !isAtEnd && seen < before && at < text.length; at += 1) if (/\\d/.test(text[at])) seen += 1;
      if (document.activeElement === input) input.setSelectionRange(at, at);
    }
    if (input.name === "number") showBrand(input, digits);
  }

  function expiryOf(digits, isTyped) {
    // Typed "3": March. Pasted "122030": its year has four digits.
    const month = isTyped && /^[2-9]$/.test(digits) ? "0" + digits : digits;
    const four = month.length > 5 ? month.slice(0, 2) + month.slice(-2) : month.slice(0, 4);
    return four.length > 2 || (isTyped && four.length === 2) ? four.slice(0, 2) + "/" + four.slice(2) : four;
  }

  function showBrand(input, digits) {
    const badge = input.parentElement.querySelector(".brand");
    const brand = brands.find(([, begins]) => begins.test(digits))?.[0] ?? "";
    if (badge.dataset.brand === brand) return;
    badge.dataset.brand = brand;
    badge.textContent = brand;
  }

  document.addEventListener("input", ({ target, inputType = "" }) => {
    tidy(target, inputType.startsWith("insert"));
    // The field has changed: its old problem no longer applies.
    target.removeAttribute("aria-invalid");
    document.getElementById(target.name + "-problem")?.remove();
  });

  const typed = () => new Map([...document.querySelectorAll("main input")].map((input) => [input.name, input.value]));

  const pageIn = async (response) => new DOMParser().parseFromString(await response.text(), "text/html");

  /** Replaces this page with the answered one. */
  function show(next, kept) {
    const main = next.querySelector("main");
    if (main === null) return location.reload();
    document.title = next.title;
    find("main").replaceWith(document.adoptNode(main));
    for (const input of document.querySelectorAll("main input")) {
      if (input.value === "") input.value = kept.get(input.name) ?? "";
      tidy(input, false);
    }
    const wanted = find("main [autofocus]") ?? find("main h1[tabindex]");
    wanted?.focus();
    if (wanted?.tagName === "H1") scrollTo(0, 0);
    wait();
  }

  document.addEventListener("submit", async (event) => {
    const { target: form, submitter } = event;
    event.preventDefault();
    const main = find("main");
    // A second press does nothing.
    if (main.hasAttribute("aria-busy")) return;
    const body = new URLSearchParams(new FormData(form));
    if (submitter?.name) body.set(submitter.name, submitter.value);
    main.setAttribute("aria-busy", "true");
    main.inert = true;
    said.textContent = main.dataset.busy;
    const kept = typed();
    try {
      const next = await pageIn(await fetch(location.href, { method: "POST", body }));
      said.textContent = "";
      show(next, kept);
    } catch {
      said.textContent = main.dataset.offline;
    } finally {
      main.removeAttribute("aria-busy");
      main.inert = false;
    }
  });

  /** Asks again, more and more slowly, until the payment has ended. */
  function wait(pause = 1000) {
    if (!find("main").hasAttribute("data-pending")) return;
    setTimeout(async () => {
      const again = () => wait(Math.min(pause * 1.5, 10000));
      if (document.hidden) return again();
      const page = await fetch(location.href).then(pageIn).catch(() => undefined);
      if (page?.querySelector("main:not([data-pending])") == null) return again();
      show(page, new Map());
    }, pause);
  }

  // A page from the browser's memory may show the form of a paid receipt.
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
  // After a form posted without scripts, a reload must not post it again.
  history.replaceState(history.state, "");
  for (const input of document.querySelectorAll("main input")) tidy(input, false);
  wait();
})();
`;
