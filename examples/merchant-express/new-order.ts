import { sqliteStorage } from "payme-kit/sqlite";

// Prints the id of a new order of 50 000 som: `payme-kit certify` asks for one after the other. For tests only.
const INSERT = "INSERT INTO orders (total) VALUES (5000000) RETURNING id";
const storage = sqliteStorage({ file: process.env.SHOP_FILE ?? "shop.db" });
const order = await storage.transaction(async (tx) => tx.prepare<{ id: number }>(INSERT).get());
await storage.close();
console.log(order?.id);
