"""What has become of each order of those that something was done to at once."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from asyncpg import Record
from starlette.responses import Response

from chassis.db import Database
from contracts.orders import Locale
from services.gateway.errors import Problem
from services.gateway.reads import orders
from services.gateway.web.explaining import explain


@dataclass(frozen=True, slots=True)
class Marked:
    """How many are done or `accepted` to be done, and the others (`number`, `name`) with the reason why not.

    `to_look_at`: for so many of the others money came in all the same.
    """

    done: int
    refused: list[tuple[Record, str]]
    accepted: int = 0
    to_look_at: int = 0

    @classmethod
    async def read(cls, db: Database, gallery_id: UUID, locale: Locale, written: Response) -> Self:
        """From the API's answer."""
        items = json.loads(bytes(written.body))["items"]
        paid_before = Problem(409, "paid-before", "This order was paid already: this transfer has paid nothing.")
        reasons = {
            UUID(item["order_id"]): explain(
                Problem(409, item["code"], item["error"]) if "error" in item else paid_before, locale
            )
            for item in items
            if "error" in item or "problem" in item
        }
        named = await orders.named(db, gallery_id, list(reasons))
        to_look_at = sum("problem" in item for item in items)
        refused = [(order, reasons[order["id"]]) for order in named]
        return cls(len(items) - len(reasons), refused, to_look_at=to_look_at)

    @classmethod
    async def each(cls, ticked: list[Record], locale: Locale, act: Callable[[UUID], Awaitable[Response]]) -> Self:
        """By doing it to one after the other, all under way at once."""
        answers = await asyncio.gather(*(_tried(act(order["id"])) for order in ticked))
        refused = [
            (order, explain(answer, locale))
            for order, answer in zip(ticked, answers, strict=True)
            if isinstance(answer, Problem)
        ]
        accepted = sum(not isinstance(answer, Problem) and "Location" in answer.headers for answer in answers)
        return cls(len(ticked) - len(refused) - accepted, refused, accepted)


async def _tried(doing: Awaitable[Response]) -> Response | Problem:
    try:
        return await doing
    except Problem as problem:
        return problem
