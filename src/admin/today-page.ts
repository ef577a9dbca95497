import { type Html, html } from "../html/html";
import { atHour, DAY_MS } from "../kit/calendar";
import { formatSom, type Tiyin, tiyin } from "../kit/money";
import { doctor } from "../operate/doctor/doctor";
import { chart } from "./chart";
import { type AdminParts, dayOf, facts, list, moneyOf, section, shown, tag, type View } from "./view";

const DAYS = 30;
const DIFFERENCES = 100;

/** What is shown of a day. */
export interface DaySums {
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
  const days = Array.from({ length: DAYS }, (_, index): DaySums => {
    const rows = totals.filter(({ day }) => day === index);
    const sum = (kind: "paid" | "refunding" | "refunded") =>
      tiyin(rows.reduce((all, row) => all + row[kind].amount, 0));
    const count = rows.reduce((all, row) => all + row.paid.count, 0);
    const day = dayOf(period.from + index * DAY_MS);
    return { day, count, paid: sum("paid"), refunding: sum("refunding"), refunded: sum("refunded") };
  });
  const [closed, health] = [asked.get("close"), asked.get("health")];
  const day = html`<label>${t("day")}<input type="date" name="close" value="${closed ?? dayOf(now - DAY_MS)}" max="${dayOf(now)}" required></label>`;
  return html`<h1>${t("today")}, ${dayOf(now)}</h1>
${figures(view, days.slice(-1))}
${section(t("thirtyDays"), figures(view, days), chart(days, t), table(view, days))}
${await subscriptionFigures(view, parts, period)}
${section(t("close"), question(view, day, t("compare")), closed ? await closeView(view, parts, closed) : undefined)}
${section(t("health"), question(view, html`<input type="hidden" name="health" value="1">`, t("look")), health ? await healthView(view, parts) : undefined)}`;
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
  const counts = Object.entries(states).map(([state, count]) => [state, count] as const);
  const paid = html`${renewals} · ${moneyOf(view, revenue)}`;
  return section(view.t("subscriptions"), facts([[view.t("renewals"), paid], ...counts]));
}

/** A question changes nothing: its form is a link. */
function question({ language }: View, input: Html, label: string): Html {
  return html`<form method="get"><input type="hidden" name="page" value="today"><input type="hidden" name="lang" value="${language}">${input}<div class="acts"><button>${label}</button></div></form>`;
}

async function closeView(view: View, { payments }: AdminParts, day: string): Promise<Html> {
  const { t, link } = view;
  const { differences, isOver, compared, paid, refunding, refunded } = await payments.dailyClose(day);
  const side = (name: string, state: { amount: Tiyin; state: number } | null) =>
    html`<span>${name}: ${state === null ? "—" : html`${moneyOf(view, state.amount)} (${state.state})`}</span>`;
  const lines = differences
    .slice(0, DIFFERENCES)
    .map(
      ({ id, kind, theirs, ours, isPaid }) =>
        html`<li>${tag(isPaid ? "bad" : "work", kind)} <a href="${link({ page: "search", q: id })}"><code>${id}</code></a> ${side(t("theirs"), theirs)} ${side(t("ours"), ours)}</li>`,
    );
  const sums = { day, count: paid.count, paid: paid.amount, refunding: refunding.amount, refunded: refunded.amount };
  return html`${isOver ? undefined : html`<p>${t("notOver")}</p>`}
${figures(view, [sums])}
<p>${t("compared")}: ${compared}. ${lines.length === 0 ? t("agrees") : ""}</p>
${lines.length === 0 ? undefined : html`<h3>${t("differences")}: ${differences.length}</h3>${list(lines)}`}`;
}

async function healthView({ t, now }: View, { payments, outbox, subscriptions }: AdminParts): Promise<Html> {
  const { storage } = payments.books;
  const findings = await doctor({ storage, payments, outbox, subscriptions, only: ["books"], now: () => now });
  const kinds = { right: "good", wrong: "bad", uncertain: "work" } as const;
  return list(
    findings.map(
      ({ check, status, saw, fix }) =>
        html`<li>${tag(kinds[status], t(status))} <b>${check}</b> <span lang="en">${shown(saw)} <small>${shown(fix ?? "")}</small></span></li>`,
    ),
  );
}
