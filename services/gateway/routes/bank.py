"""A bank's statement: which transfer may have paid which order. Nothing is applied; `mark-paid` confirms."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

from fastapi import UploadFile

from services.gateway.auth import Caller
from services.gateway.bank import statement
from services.gateway.bank.matching import Proposal, propose
from services.gateway.bank.statement import Line, Unread
from services.gateway.bank.text import LARGEST
from services.gateway.guard import Ours, Studio, studio_router
from services.gateway.reads import bank_lines, galleries
from services.gateway.state import Gateway

routes = studio_router("payments")

LARGEST_BODY = 20 * LARGEST
"""Bytes; a file that is too large is still received, so that its sender reads why it is refused."""
AT_ONCE = 1_000
"""Lines in an answer: no more orders can be confirmed together."""

_reading = ThreadPoolExecutor(1, "statements")
"""Large files wait for one another, and hold up nothing else."""


@routes.post("/galleries/{gallery_id}/bank-statement", max_body_size=LARGEST_BODY)
async def read_statement(gallery_id: UUID, file: UploadFile, studio: Studio, ours: Ours) -> dict[str, Any]:
    """Propose which unpaid orders of this gallery a bank's CSV has the money for; the incoming transfers, by line.

    `reason`: the order's `number` is in the text, or the client's `name`, or it is the `amount` alone that fits; the
    amount always does. `confidence`: `high` for one order alone, `medium` when others are possible, `low` for the
    amount alone. `unread`: lines that may be money that came in, but whose `amount` is none (`no_amount`) or is in
    another currency (`other_currency`), or whose date cannot be read or is in the future (`no_date`). `left_out`: so
    many lines more, those without an order first. To confirm, send the orders to `…/orders/mark-paid`, and as its
    `lines` their fingerprints: a line that was used is not listed again.
    """
    return await proposals(ours, studio, gallery_id, file)


async def proposals(ours: Gateway, studio: Caller, gallery_id: UUID, file: UploadFile) -> dict[str, Any]:
    """The answer. Raises `Problem` 413 or 422 for a file that cannot be used."""
    settings = await galleries.settings_of(ours.db, gallery_id)
    data = await file.read(LARGEST + 1)
    running = asyncio.get_running_loop()
    read = await running.run_in_executor(_reading, statement.incoming, data, settings.currency, ours.signer.fingerprint)
    used = await bank_lines.used(ours.db, studio.studio_id, {line.fingerprint for line in read.lines})
    orders = await bank_lines.unpaid(ours.db, gallery_id)
    left = [line for line in read.lines if line.fingerprint not in used]
    found = await running.run_in_executor(_reading, propose, left, orders)
    shown = sorted(sorted(range(len(left)), key=lambda index: index not in found)[:AT_ONCE])
    items = [_shown(left[index], settings.currency, found.get(index)) for index in shown]
    unread = [_unread(line) for line in read.unread[:AT_ONCE]]
    return {
        "items": items,
        "unread": unread,
        "left_out": len(left) - len(items) + len(read.unread) - len(unread),
    }


def _unread(line: Unread) -> dict[str, Any]:
    day = line.date and line.date.isoformat()
    return {"line": line.number, "date": day, "amount": line.amount, "reason": line.fault}


def _shown(line: Line, currency: str, proposal: Proposal | None) -> dict[str, Any]:
    order = proposal and {
        "id": str(proposal.order.id),
        "number": proposal.order.number,
        "client": {"name": proposal.order.name, "email": proposal.order.email},
    }
    return {
        "line": line.number,
        "date": line.date.isoformat(),
        "amount": {"amount": line.amount, "currency": currency},
        "text": line.text,
        "order": order,
        "reason": proposal and proposal.reason,
        "confidence": proposal and proposal.confidence,
        "fingerprint": line.fingerprint.hex(),
    }
