"""What has become of each order that was marked as paid with others."""

import json
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
    """How many are paid, and the others (`number`, `name`) with the reason why not."""

    paid: int
    refused: list[tuple[Record, str]]

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
