import { call } from "./api.js";
import { clockText, dateText, say, sumText } from "./language.js";

const part = (id) => document.getElementById(id);

/** Demo mode: shows what happened to a payment, with buttons to try to double it. `onChange` gets the story after a press. */
export async function showStory(paymentId, onChange) {
  const path = `/demo/payments/${encodeURIComponent(paymentId)}`;
  let story = await call("GET", path);
  show(story);
  part("again").onclick = () =>
    press("again", (before) => {
      const isSame = ["recorded", "given", "active_until"].every((key) => story[key] === before[key]);
      return isSame ? "sentAgain" : "changedAgain";
    });
  part("refund").onclick = () => press("refund", () => "refundedOnce");

  async function press(action, outcomeOf) {
    const before = story;
    part("again").disabled = true;
    part("refund").disabled = true;
    try {
      story = await call("POST", `${path}/${action}`);
      await onChange(story);
      part("done").textContent = say(outcomeOf(before));
    } catch (error) {
      part("done").textContent = error.message;
    }
    show(story);
  }
}

function show(story) {
  const { payment, can, source, active_until: until } = story;
  const sum = sumText(payment.amount / 100);
  const given = until === null ? "" : ` ${say("stepUntil", { until: dateText(until) })}`;
  const steps = [
    [payment.created_at, say(source === "merchant" ? "stepLink" : "stepReceipt", { sum })],
    [payment.paid_at, say({ gateway: "stepNotified", merchant: "stepMerchant" }[source] ?? "stepAsked")],
    [payment.paid_at, `${say("stepActive")}${given}`],
    ...(story.refunded_at === null ? [] : [[story.refunded_at, say("stepRefunded")]]),
  ];
  part("steps").replaceChildren(...steps.map(step));
  part("counts").textContent = say("counts", story);
  part("again").hidden = !can.again;
  part("again").disabled = false;
  part("refund").hidden = !can.refund;
  part("refund").disabled = false;
  part("story").hidden = false;
}

function step([at, text]) {
  const item = document.createElement("li");
  const time = document.createElement("time");
  time.dateTime = at;
  time.textContent = clockText(at);
  item.append(time, ` ${text}`);
  return item;
}
