import { type Html, html } from "../html/html";
import { atHour, DAY_MS } from "../kit/calendar";
import { formatSom, type Tiyin, tiyin } from "../kit/money";
import type { DayTotals } from "../ledger";
import { doctor } from "../operate/doctor/doctor";
import { chart } from "./chart";
import { type AdminParts, dayOf, facts, moneyOf, section, shown, tag, type View } from "./view";

const DAYS = 30;
const DIFFERENCES = 100;

interface DaySums {
  readonly day: string;
  readonly count: number;
  readonly paid: Tiyin;
  readonly refunding: Tiyin;
  readonly refunded: Tiyin;
}

/** The figures: at most three queries. The close and the books' health are looked at when they are asked for. */
export async function todayPage(view: View, parts: AdminParts, asked: URLSearchParams): Promise<Html> {
  const { t, now } = view;
  const { storage, scope } = parts.payments.books;
  const today = atHour(now, 0, 0);
  const period = { from: today - (DAYS - 1) * DAY_MS, to: today + DAY_MS };
  const totals = await storage.paymentDays(scope, period);
  const days = Array.from({ length: DAYS }, (_, index) => sumsOf(totals, index, dayOf(period.from + index * DAY_MS)));
  const last = days.at(-1) ?? sumsOf([], 0, dayOf(now));
  const [closed, health] = [asked.get("close"), asked.get("health")];
  return html`<h1>${t("today")}, ${last.day}</h1>
${figures(view, [last])}
${section(
  t("thirtyDays"),
  figures(view, days),
  chart(
    days.map(({ day, paid, refunded }) => ({ day, paid, refunded })),
    t,
  ),
  table(view, days),
)}
${await subscriptionFigures(view, parts, period)}
${section(t("close"), dayForm(view, closed ?? dayOf(now - DAY_MS)), closed ? await closeView(view, parts, closed) : undefined)}
${section(t("health"), question(view, "health", "1", t("look")), health ? await healthView(view, parts) : undefined)}`;
}

function sumsOf(totals: readonly DayTotals[], index: number, day: string): DaySums {
  const rows = totals.filter((row) => row.day === index);
  const sum = (kind: "paid" | "refunding" | "refunded") => tiyin(rows.reduce((all, row) => all + row[kind].amount, 0));
  const count = rows.reduce((all, row) => all + row.paid.count, 0);
  return { day, count, paid: sum("paid"), refunding: sum("refunding"), refunded: sum("refunded") };
}

function figures(view: View, days: readonly DaySums[]): Html {
  const { t } = view;
  const sum = (of: (day: DaySums) => number) => days.reduce((all, day) => all + of(day), 0);
  const money = (amount: number) => moneyOf(view, tiyin(amount));
  const net = sum(({ paid, refunded }) => paid - refunded);
  return html`<div class="figures">${facts([
    [t("paid"), html`${money(sum(({ paid }) => paid))} <small>${sum(({ count }) => count)}</small>`],
    [t("refunding"), money(sum(({ refunding }) => refunding))],
    [t("refunded"), money(sum(({ refunded }) => refunded))],
    // Below 0 on a day of refunds.
    [t("net"), html`${net < 0 ? "−" : ""}${money(Math.abs(net))}`],
  ])}</div>`;
}

function table({ t }: View, days: readonly DaySums[]): Html {
  const rows = days
    .filter(({ count, refunded }) => count + refunded > 0)
    .map(
      ({ day, count, paid, refunded }) =>
        html`<tr><th scope="row">${day}</th><td>${count}</td><td>${formatSom(paid)}</td><td>${formatSom(refunded)}</td></tr>`,
    );
  const names = [t("day"), "№", t("paid"), t("refunded")].map((name) => html`<th scope="col">${name}</th>`);
  return html`<details><summary>${t("asTable")}</summary><div class="wide"><table><thead><tr>${names}</tr></thead><tbody>${rows}</tbody></table></div></details>`;
}

async function subscriptionFigures(
  view: View,
  { subscriptions }: AdminParts,
  period: { from: number; to: number },
): Promise<Html | undefined> {
  if (subscriptions === undefined) return undefined;
  const { states, renewals, revenue } = await subscriptions.statistics(period);
  const counts = Object.entries(states).map(([state, count]) => [state, String(count)] as const);
  const paid = html`${renewals} · ${moneyOf(view, revenue)}`;
  return section(view.t("subscriptions"), facts([[view.t("renewals"), paid], ...counts]));
}

/** A question changes nothing: its form is a link. */
function question({ language }: View, name: string, value: string, label: string): Html {
  return html`<form method="get"><input type="hidden" name="page" value="today"><input type="hidden" name="lang" value="${language}"><input type="hidden" name="${name}" value="${value}"><div class="acts"><button>${label}</button></div></form>`;
}

function dayForm({ t, language, now }: View, day: string): Html {
  return html`<form method="get"><input type="hidden" name="page" value="today"><input type="hidden" name="lang" value="${language}">
<label>${t("day")}<input type="date" name="close" value="${day}" max="${dayOf(now)}" required></label><div class="acts"><button>${t("compare")}</button></div></form>`;
}

async function closeView(view: View, { payments }: AdminParts, day: string): Promise<Html> {
  const { t, link } = view;
  const close = await payments.dailyClose(day);
  const side = (name: string, state: { amount: Tiyin; state: number } | null) =>
    html`<span>${name}: ${state === null ? "—" : html`${moneyOf(view, state.amount)} (${state.state})`}</span>`;
  const lines = close.differences
    .slice(0, DIFFERENCES)
    .map(
      ({ id, kind, theirs, ours, isPaid }) =>
        html`<li>${tag(isPaid ? "bad" : "work", kind)} <a href="${link({ page: "search", q: id })}"><code>${id}</code></a> ${side(t("theirs"), theirs)} ${side(t("ours"), ours)}</li>`,
    );
  const { paid, refunding, refunded } = close;
  const sums = { day, count: paid.count, paid: paid.amount, refunding: refunding.amount, refunded: refunded.amount };
  return html`${close.isOver ? undefined : html`<p>${t("notOver")}</p>`}
${figures(view, [sums])}
<p>${t("compared")}: ${close.compared}. ${lines.length === 0 ? t("agrees") : ""}</p>
${lines.length === 0 ? undefined : html`<h3>${t("differences")}: ${close.differences.length}</h3><ul class="list">${lines}</ul>`}`;
}

async function healthView({ t, now }: View, { payments, outbox, subscriptions }: AdminParts): Promise<Html> {
  const { storage } = payments.books;
  const findings = await doctor({ storage, payments, outbox, subscriptions, only: ["books"], now: () => now });
  const lines = findings.map(({ check, status, saw, fix }) => {
    const kind = { right: "good", wrong: "bad", uncertain: "work" } as const;
    return html`<li>${tag(kind[status], t(status))} <b>${check}</b> ${shown(saw)} ${fix === null ? undefined : html`<small>${shown(fix)}</small>`}</li>`;
  });
  return html`<ul class="list">${lines}</ul>`;
}
