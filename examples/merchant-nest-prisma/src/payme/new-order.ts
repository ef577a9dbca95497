import { Database } from "./database.js";
import { Orders } from "./orders.js";

/** Prints the id of a new order of 50 000 som: `payme-kit certify` asks for one after the other. For tests only. */
async function main() {
  const database = new Database();
  const { id } = await new Orders(database).create();
  await database.$disconnect();
  console.log(id);
}

void main();
