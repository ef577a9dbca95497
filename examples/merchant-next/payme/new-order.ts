import { pool } from "./database";
import { createOrder } from "./orders";

/** Prints the id of a new order of 50 000 som: `payme-kit certify` asks for one after the other. For tests only. */
async function main() {
  const { id } = await createOrder();
  await pool.end();
  console.log(id);
}

void main();
