"""A shop's backend, as it was before Payme: FastAPI over its own table. `payme_link` is the function that the page prints."""

import asyncio
import base64
import os
from contextlib import suppress
from decimal import Decimal
from uuid import UUID

import psycopg
from fastapi import FastAPI, HTTPException
from psycopg.rows import dict_row
from pydantic import BaseModel

DATABASE_URL = os.environ["DATABASE_URL"]
MERCHANT_ID = os.environ["PAYME_MERCHANT_ID"]
with open(os.environ["PAYME_LINK"]) as page:
    exec(compile(page.read(), "payme_link", "exec"))

app = FastAPI()
heard: list[str] = []


class NewOrder(BaseModel):
    amount: Decimal


async def one(statement: str, *values):
    async with await psycopg.AsyncConnection.connect(DATABASE_URL, row_factory=dict_row) as connection:
        cursor = await connection.execute(statement, values)
        return await cursor.fetchone()


async def listen():
    connection = await psycopg.AsyncConnection.connect(DATABASE_URL, autocommit=True)
    await connection.execute("LISTEN order_changed")
    async for message in connection.notifies():
        heard.append(message.payload)


@app.on_event("startup")
async def start():
    app.state.listener = asyncio.create_task(listen())


@app.on_event("shutdown")
async def stop():
    app.state.listener.cancel()
    with suppress(asyncio.CancelledError):
        await app.state.listener


@app.get("/health")
async def health():
    return {"heard": heard}


@app.post("/orders")
async def create(order: NewOrder):
    row = await one("INSERT INTO orders (amount) VALUES (%s) RETURNING id, amount", order.amount)
    return {"id": row["id"], "link": payme_link(row)}  # noqa: F821


@app.get("/orders/{order_id}")
async def read(order_id: UUID):
    row = await one("SELECT status, paid_at IS NOT NULL AS is_dated, payme_id FROM orders WHERE id = %s", order_id)
    if row is None:
        raise HTTPException(404)
    return row


@app.post("/orders/{order_id}/cancel")
async def cancel(order_id: UUID):
    row = await one("UPDATE orders SET status = 'cancelled' WHERE id = %s AND status = 'new' RETURNING id", order_id)
    return {"cancelled": row is not None}
