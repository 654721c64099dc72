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
    """How many are done or `accepted` to be done, and the others (`number`, `name`) with the reason why not."""

    done: int
    refused: list[tuple[Record, str]]
    accepted: int = 0

    @classmethod
    async def read(cls, db: Database, gallery_id: UUID, locale: Locale, written: Response) -> Self:
        """From the API's answer."""
        items = json.loads(bytes(written.body))["items"]
        reasons = {
            UUID(item["order_id"]): explain(Problem(409, item["code"], item["error"]), locale)
            for item in items
            if "error" in item
        }
        named = await orders.named(db, gallery_id, list(reasons))
        return cls(len(items) - len(reasons), [(order, reasons[order["id"]]) for order in named])

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
