CREATE TABLE "orders" (
  "id" SERIAL PRIMARY KEY,
  "som" INTEGER NOT NULL,
  "status" TEXT NOT NULL DEFAULT 'new',
  "paid_by" TEXT
);

CREATE TABLE "tickets" (
  "order_id" INTEGER PRIMARY KEY
);
