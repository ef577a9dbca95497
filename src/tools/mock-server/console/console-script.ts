/**
 * The script of the console. It waits for the next change, and replaces the page: opened parts stay open. Without it the
 * console works, too, and is reloaded by hand.
 */
export const CONSOLE_SCRIPT = `"use strict";
(() => {
  const live = document.getElementById("live");
  const find = (selector) => document.querySelector(selector);
  const isTyping = () => ["INPUT", "SELECT"].includes(document.activeElement?.tagName);
  const choices = () => [...document.querySelectorAll("main select, main input:not([type=hidden])")];

  function show(text) {
    const next = new DOMParser().parseFromString(text, "text/html").querySelector("main");
    if (next === null) return;
    const open = new Set([...document.querySelectorAll("details[open]")].map((each) => each.dataset.key));
    for (const each of next.querySelectorAll("details")) each.open = open.has(each.dataset.key);
    const keyOf = (each) => (each.closest("[id]")?.id ?? "") + each.name;
    const chosen = new Map(choices().map((each) => [keyOf(each), each.value]));
    const focused = document.activeElement?.closest?.("[id]")?.id;
    const name = document.activeElement?.value;
    const said = find("#done").textContent;
    const isBad = find("#done").className;
    find("main").replaceWith(document.adoptNode(next));
    for (const each of choices()) if (chosen.has(keyOf(each))) each.value = chosen.get(keyOf(each));
    if (find("#done").textContent === "") {
      find("#done").textContent = said;
      find("#done").className = isBad;
    }
    if (focused && name) document.getElementById(focused)?.querySelector('button[value="' + CSS.escape(name) + '"]')?.focus();
  }

  document.addEventListener("submit", async (event) => {
    if (event.target.method !== "post") return;
    event.preventDefault();
    const body = new URLSearchParams(new FormData(event.target));
    if (event.submitter?.name) body.set(event.submitter.name, event.submitter.value);
    find("#done").textContent = "…";
    try {
      const answer = await fetch(location.href, { method: "POST", body });
      show(await answer.text());
    } catch {
      find("#done").textContent = "the mock does not answer";
    }
  });

  async function follow() {
    for (;;) {
      try {
        const seen = find("main").dataset.count;
        const answer = await fetch("/console/changes?seen=" + seen);
        if (!answer.ok) throw new Error(answer.status);
        live.textContent = "live";
        if ((await answer.text()) !== seen && !isTyping()) show(await (await fetch(location.href)).text());
        await new Promise((resolve) => setTimeout(resolve, isTyping() ? 1000 : 150));
      } catch {
        live.textContent = "the mock does not answer; trying again";
        await new Promise((resolve) => setTimeout(resolve, 2000));
      }
    }
  }
  history.replaceState(history.state, "");
  const wanted = location.hash.startsWith("#call-") && find("details" + location.hash);
  if (wanted) wanted.open = true;
  follow();
})();
`;
