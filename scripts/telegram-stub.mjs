/** Telegram's Bot API, as far as a bot needs it that sells: one chat, which writes to the bot and keeps what the bot answers. */
import { once } from "node:events";
import { createServer } from "node:http";

const CHAT = { id: 1, type: "private", first_name: "Newcomer" };
const BOT = { id: 2, is_bot: true, first_name: "Shop", username: "shop_bot" };
/** How long an empty getUpdates waits. */
const POLL_MS = 300;

export async function startTelegram() {
  const updates = [];
  const messages = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const method = (request.url ?? "").split("/").at(-1);
    const result = await answer(method, body === "" ? {} : JSON.parse(body));
    response.setHeader("Content-Type", "application/json").end(JSON.stringify({ ok: true, result }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");

  async function answer(method, params) {
    if (method === "getMe") return BOT;
    if (method === "sendMessage") {
      messages.push(params);
      return { message_id: messages.length, date: 1, chat: CHAT, text: params.text };
    }
    if (method !== "getUpdates") return true;
    const news = updates.filter(({ update_id: id }) => id >= (params.offset ?? 0));
    if (news.length === 0) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    return news;
  }

  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** The bot's messages, oldest first, as it sent them. */
    messages,
    write(command) {
      const entities = [{ type: "bot_command", offset: 0, length: command.length }];
      const message = { message_id: 1, date: 1, chat: CHAT, from: { ...CHAT, is_bot: false }, text: command, entities };
      updates.push({ update_id: updates.length + 1, message });
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
